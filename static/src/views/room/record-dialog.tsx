import { useState } from "react";
import { useText } from "../context";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Switch } from "../ui/fields";
import { useRecordingWords } from "../recordings/words";
import styles from "./recording.module.css";
import { useMeeting } from "./room-context";

/** Asked once, since everybody in the room is concerned. */
export function RecordDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  const words = useRecordingWords();
  const [tracks, setTracks] = useState(false);
  const [pending, setPending] = useState(false);
  return (
    <Dialog title={text.recording.ask} isOpen={isOpen} onClose={onClose}>
      <p>{text.recording.askText}</p>
      <Switch isSelected={tracks} onChange={setTracks} note={words.keepTracksNote} testId="keep-tracks">
        {words.keepTracks}
      </Switch>
      <div className={styles.buttons}>
        <Button onPress={onClose}>{text.common.cancel}</Button>
        <Button
          tone="primary"
          testId="record"
          isPending={pending}
          onPress={() => {
            setPending(true);
            void meeting.controls.startRecording(tracks).finally(() => {
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
