import { Headphones, ImageDown, VideoOff } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { useSelected, useStore, useText } from "../context";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { Dialog } from "../ui/dialog";
import styles from "./meeting.module.css";
import { useMeeting } from "./room-context";

/** Why there is less picture than usual, and what one can do: a chip that stays as long as it is so. */
export function VideoChip() {
  const meeting = useMeeting();
  const text = useText();
  const [open, setOpen] = useState(false);
  const incoming = useSelected(meeting.preferences, (values) => values.incomingVideo);
  const line = useStore(meeting.connection.bandwidth);
  const state = incoming === "none" ? "own" : line === "full" ? null : line;
  if (!state) return null;
  const words = text.video.states[state];
  const then = (action: () => void) => (): void => {
    setOpen(false);
    action();
  };
  return (
    <>
      <AriaButton
        className={classes(styles.badge, state === "audio_only" && styles.weakBadge)}
        data-testid="video-chip"
        data-state={state}
        onPress={() => setOpen(true)}
      >
        {state === "own" ? (
          <Headphones size={14} aria-hidden />
        ) : state === "audio_only" ? (
          <VideoOff size={14} aria-hidden />
        ) : (
          <ImageDown size={14} aria-hidden />
        )}
        {words.short}
      </AriaButton>
      <Dialog title={words.short} isOpen={open} onClose={() => setOpen(false)}>
        <p className={styles.explanation}>{words.long}</p>
        <div className={styles.explanationActions}>
          {state === "own" ? (
            <Button
              tone="primary"
              testId="show-video"
              onPress={then(() => meeting.preferences.change({ incomingVideo: "all" }))}
            >
              {text.video.show}
            </Button>
          ) : (
            <>
              <Button onPress={then(() => meeting.showPanel("details"))}>{text.more.details}</Button>
              {state === "reduced" ? (
                <Button onPress={then(() => meeting.preferences.change({ incomingVideo: "none" }))}>
                  {text.video.audioOnly}
                </Button>
              ) : null}
            </>
          )}
        </div>
      </Dialog>
    </>
  );
}
