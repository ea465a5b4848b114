import type { Question } from "../ui/dialog";
import type { FullScreen } from "./use-full-screen";

export type MeetingDialogName = "invite" | "devices" | "shortcuts" | "rename" | "record";

/** What the bar and its menus ask of the page that they are on. */
export interface ControlBarProps {
  readonly ask: (question: Question) => void;
  readonly open: (dialog: MeetingDialogName) => void;
  readonly fullScreen: FullScreen;
}
