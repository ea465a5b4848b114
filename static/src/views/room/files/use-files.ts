import type { Meeting } from "../../../state/meeting/meeting";
import { RoomFiles } from "../../../state/room-files";
import { uploading } from "../../../state/uploading";
import { useApp, useSelected, useStore } from "../../context";
import { useMeeting } from "../room-context";

/** What is on its way goes on while the panel is shut. */
const KEPT = new WeakMap<Meeting, RoomFiles>();

export function useFiles(): RoomFiles {
  const { api } = useApp();
  const meeting = useMeeting();
  const kept = KEPT.get(meeting) ?? new RoomFiles(meeting.connection, api, (onSent) => uploading(onSent));
  KEPT.set(meeting, kept);
  return kept;
}

/** Whether this person may share files here, or why not. */
export function useMayShare(): "yes" | "encrypted" | "members" | "nobody" {
  const meeting = useMeeting();
  const me = useStore(meeting.me);
  return useSelected(meeting.view, (view) => {
    if (view?.encrypted) return "encrypted";
    if (view?.file_sharing === "nobody") return "nobody";
    return view?.file_sharing === "members" && view.participants[me]?.role === "guest" ? "members" : "yes";
  });
}
