import { useState } from "react";
import { useText } from "../context";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import styles from "./recording.module.css";
import { useMeeting } from "./room-context";

/** Asked once, since everybody in the room is concerned. */
export function RecordDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  const [pending, setPending] = useState(false);
  return (
    <Dialog title={text.recording.ask} isOpen={isOpen} onClose={onClose}>
      <p>{text.recording.askText}</p>
      <div className={styles.buttons}>
        <Button onPress={onClose}>{text.common.cancel}</Button>
        <Button
          tone="primary"
          testId="record"
          isPending={pending}
          onPress={() => {
            setPending(true);
            void meeting.controls.startRecording().finally(() => {
              setPending(false);
              onClose();
            });
          }}
        >
          {text.recording.start}
        </Button>
      </div>
    </Dialog>
  );
}
