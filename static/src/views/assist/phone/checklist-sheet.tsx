import { X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Mark } from "../../../protocol.gen";
import { Checklist } from "../../../state/assist/checklist";
import type { OnSite } from "../../../state/assist/phone";
import { sessionWork } from "../../../state/assist/session-work";
import { systemClock } from "../../../state/clock";
import { useApp, useSelected } from "../../context";
import { useMeeting } from "../../room/room-context";
import { ChecklistPanel } from "../checklist/checklist-panel";
import { useSession } from "../session-context";
import styles from "./phone.module.css";
import { usePhoneWords } from "./use-words";

const NO_MARKS: Readonly<Record<string, Mark>> = {};

/** The session's checklist: lives as long as the page, so that what is entered without a line is sent later. */
export function useChecklist(): Checklist | null {
  const { api } = useApp();
  const meeting = useMeeting();
  const { id, token, name } = useSession();
  const [checklist, setChecklist] = useState<Checklist | null>(null);
  useEffect(() => {
    if (id === "") return;
    const made = new Checklist(sessionWork(api, id, token), storage(), id, systemClock, name);
    const sync = (): void => void made.sync();
    const onEvent: Parameters<typeof meeting.listeners.add>[0] = (event) => {
      if (event.event === "record_changed" && event.kind === "run") sync();
    };
    void made.open();
    meeting.listeners.add(onEvent);
    window.addEventListener("online", sync);
    setChecklist(made);
    return () => {
      meeting.listeners.delete(onEvent);
      window.removeEventListener("online", sync);
      made.close();
    };
  }, [api, meeting, id, token, name]);
  return checklist;
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    // Refused, as in some embedded browsers: what is entered lasts as long as the page.
    return null;
  }
}

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
