import { UserPlus } from "lucide-react";
import styles from "../../room/stage.module.css";
import { Button } from "../../ui/button";
import { CopyField } from "../../ui/copy-field";
import { Dialog, DialogText } from "../../ui/dialog";
import { useStage } from "./stage-context";
import { useStageWords } from "./words";

/** Nobody else is behind the stage.  The audience has a link of its own, and comes by itself. */
export function AloneOnStage({ onInvite }: { onInvite: () => void }) {
  const { stage, isOn } = useStage();
  const words = useStageWords();
  const told = stage.phase === "live" && isOn ? words.aloneLive : words.alone;
  return (
    <div className={styles.alone} data-testid="alone-on-stage">
      <div>
        <h2>{told.title}</h2>
        <p>{told.text}</p>
      </div>
      <div className={styles.aloneActions}>
        <Button onPress={onInvite}>
          <UserPlus size={16} aria-hidden />
          {words.invite.action}
        </Button>
      </div>
    </div>
  );
}

/** A stage has two links: of the green room, for who has a part, and of the livestream, for everybody else. */
export function StageInviteDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { stage } = useStage();
  const words = useStageWords();
  const link = `${window.location.origin}/live/${stage.livestream_id}`;
  return (
    <Dialog title={words.invite.title} isOpen={isOpen} onClose={onClose}>
      <DialogText>{words.invite.text}</DialogText>
      <CopyField label={words.invite.green} value={`${link}/stage`} testId="link-of-green-room" />
      <DialogText>{words.invite.audienceText}</DialogText>
      <CopyField label={words.invite.audience} value={link} testId="link-of-audience" />
    </Dialog>
  );
}
