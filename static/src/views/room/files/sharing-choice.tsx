import type { FileSharing } from "../../../protocol.gen";
import { useSelected } from "../../context";
import { Select } from "../../ui/fields";
import { useMeeting } from "../room-context";
import { useFileWords } from "./words";

const CHOICES: readonly FileSharing[] = ["everyone", "members", "nobody"];

/** For moderators: who may put files into the chat.  Not in an encrypted room, where nobody does. */
export function SharingChoice() {
  const meeting = useMeeting();
  const words = useFileWords();
  const sharing = useSelected(meeting.view, (view) => (view?.encrypted ? null : view?.file_sharing));
  if (!sharing) return null;
  return (
    <Select
      label={words.sharing}
      options={CHOICES.map((id) => ({ id, label: words.choices[id] }))}
      selected={sharing}
      onChange={(id) => {
        const chosen = CHOICES.find((one) => one === id);
        if (chosen) void meeting.controls.setFileSharing(chosen);
      }}
    />
  );
}
