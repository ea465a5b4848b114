import { Circle, CirclePause, CirclePlay, CircleStop } from "lucide-react";
import { moderates } from "../../state/room";
import { useSelected, useStore, useText } from "../context";
import { classes } from "../ui/classes";
import { MenuItem, MenuSeparator } from "../ui/menu";
import meetingStyles from "./meeting.module.css";
import styles from "./recording.module.css";
import { useMeeting } from "./room-context";

/** That the meeting is being recorded: for everybody, as long as it is. */
export function RecordingBadge() {
  const meeting = useMeeting();
  const text = useText();
  const state = useSelected(meeting.view, (view) => view?.recording.state ?? "off");
  const tracks = useSelected(meeting.view, (view) => view?.recording.tracks === true);
  if (state === "off") return null;
  return (
    <span
      className={classes(meetingStyles.badge, styles.badge)}
      data-state={state}
      data-testid="recording"
      role="status"
    >
      <Circle size={10} aria-hidden />
      {text.recording[state === "on" && tracks ? "onTracks" : state]}
    </span>
  );
}

export interface RecordingSteps {
  /** What this person may do about it now; empty for who is no moderator. */
  readonly steps: readonly ("start" | "pause" | "resume" | "stop")[];
  readonly take: (step: "start" | "pause" | "resume" | "stop") => void;
}

export function useRecordingSteps(ask: () => void): RecordingSteps {
  const meeting = useMeeting();
  const me = useStore(meeting.me);
  const state = useSelected(meeting.view, (view) => view?.recording.state ?? "off");
  const may = useSelected(
    meeting.view,
    (view) => view !== null && !view.encrypted && moderates(view.participants[me]?.role),
  );
  const { controls } = meeting;
  const next = {
    off: ["start"],
    starting: ["stop"],
    on: ["pause", "stop"],
    paused: ["resume", "stop"],
  } as const;
  return {
    steps: may ? next[state] : [],
    take: (step) => {
      if (step === "start") ask();
      else if (step === "stop") void controls.stopRecording();
      else void controls.pauseRecording(step === "pause");
    },
  };
}

export const STEP_ICONS = {
  start: Circle,
  pause: CirclePause,
  resume: CirclePlay,
  stop: CircleStop,
} as const;

/** In the menu of the bar. */
export function RecordingItems({ ask }: { ask: () => void }) {
  const text = useText();
  const { steps, take } = useRecordingSteps(ask);
  if (steps.length === 0) return null;
  return (
    <>
      {steps.map((step) => {
        const Icon = STEP_ICONS[step];
        return (
          <MenuItem
            key={step}
            testId={`recording-${step}`}
            icon={<Icon size={16} aria-hidden />}
            onAction={() => take(step)}
          >
            {text.recording[step]}
          </MenuItem>
        );
      })}
      <MenuSeparator />
    </>
  );
}
