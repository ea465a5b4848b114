import { X } from "lucide-react";
import { useMemo } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Mark } from "../../../protocol.gen";
import type { Checklist } from "../../../state/assist/checklist";
import type { OnSite } from "../../../state/assist/phone";
import { useSelected } from "../../context";
import { useMeeting } from "../../room/room-context";
import { ChecklistPanel } from "../checklist/checklist-panel";
import { useSession } from "../session-context";
import styles from "./phone.module.css";
import { usePhoneWords } from "./use-words";

const NO_MARKS: Readonly<Record<string, Mark>> = {};

export function ChecklistSheet({
  checklist,
  onSite,
  isOpen,
  onClose,
}: {
  checklist: Checklist;
  onSite: OnSite;
  isOpen: boolean;
  onClose: () => void;
}) {
  const meeting = useMeeting();
  const session = useSession();
  const words = usePhoneWords();
  const marks = useSelected(meeting.view, (view) => view?.marks ?? NO_MARKS);
  const numbered = useMemo(
    () =>
      Object.values(marks)
        .filter(({ number }) => number > 0)
        .sort((a, b) => a.number - b.number),
    [marks],
  );
  return (
    <ModalOverlay
      className={styles.scrim ?? ""}
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={styles.sheet ?? ""}>
        <Dialog className={styles.sheetBody ?? ""} data-testid="checklist-sheet">
          <div className={styles.sheetHead}>
            <Heading slot="title" className={styles.sheetTitle ?? ""}>
              {words.checklist}
            </Heading>
            <Button className={styles.plain ?? ""} aria-label={words.close} onPress={onClose}>
              <X size={28} aria-hidden />
            </Button>
          </div>
          <ChecklistPanel
            checklist={checklist}
            role="on_site"
            name={session.name}
            isMember={session.token === ""}
            numberedMarks={numbered}
            takePhoto={() => onSite.takeStill()}
            showMark={null}
          />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
