import { useState } from "react";
import { NAME_MAX_CHARS } from "../../protocol.gen";
import { useText } from "../context";
import { Button } from "../ui/button";
import { Dialog, DialogActions } from "../ui/dialog";
import { TextField } from "../ui/fields";
import pages from "../pages/page.module.css";
import { useMeeting } from "./room-context";

export function RenameDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const text = useText();
  return (
    <Dialog title={text.rename.title} isOpen={isOpen} onClose={onClose}>
      <RenameForm onClose={onClose} />
    </Dialog>
  );
}

function RenameForm({ onClose }: { onClose: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  const [name, setName] = useState(() => meeting.view.get()?.participants[meeting.me.get()]?.name ?? "");
  const submit = async (): Promise<void> => {
    if (await meeting.controls.rename(name.trim())) onClose();
  };
  return (
    <form
      className={pages.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <TextField
        label={text.fields.name}
        value={name}
        onChange={setName}
        maxLength={NAME_MAX_CHARS}
        hint={text.door.nameHint}
        autoComplete="name"
        autoFocus
      />
      <DialogActions>
        <Button type="submit" tone="primary" isDisabled={name.trim() === ""}>
          {text.rename.submit}
        </Button>
      </DialogActions>
    </form>
  );
}
