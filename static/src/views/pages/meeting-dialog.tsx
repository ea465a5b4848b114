import { useState } from "react";
import { TITLE_MAX_CHARS } from "../../protocol.gen";
import type { Meeting } from "../../state/api";
import { useApp, useText } from "../context";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import { Switch, TextField } from "../ui/fields";
import styles from "./page.module.css";
import { fieldFault, useSubmit } from "./use-submit";

/** Makes a meeting, or changes the given one. */
export function MeetingDialog({
  meeting,
  onClose,
  onDone,
}: {
  meeting: Meeting | null;
  onClose: () => void;
  onDone: () => void;
}) {
  const { api } = useApp();
  const text = useText();
  const [title, setTitle] = useState(meeting?.title ?? "");
  const [lobby, setLobby] = useState(meeting?.lobby_enabled ?? false);
  const [guests, setGuests] = useState(meeting?.guests_allowed ?? true);
  const [encrypted, setEncrypted] = useState(meeting?.encrypted ?? false);
  const form = useSubmit(async () => {
    const body = { title: title.trim(), lobby_enabled: lobby, guests_allowed: guests };
    await (meeting ? api.changeMeeting(meeting.id, body) : api.createMeeting({ ...body, encrypted }));
    onDone();
    onClose();
  });
  const titleFault = fieldFault(text, "title", form.fields["title"]);
  return (
    <Dialog title={meeting ? text.meetings.settingsTitle : text.meetings.create} isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={form.onSubmit}>
        <TextField
          label={text.meetings.titleLabel}
          placeholder={text.meetings.titleExample}
          value={title}
          onChange={setTitle}
          maxLength={TITLE_MAX_CHARS}
          autoComplete="off"
          fault={titleFault}
          autoFocus
          isRequired
        />
        <Switch isSelected={lobby} onChange={setLobby}>
          {text.meetings.lobby}
        </Switch>
        <Switch isSelected={guests} onChange={setGuests}>
          {text.meetings.guests}
        </Switch>
        <Switch
          testId="encrypted-switch"
          isSelected={encrypted}
          onChange={setEncrypted}
          isDisabled={meeting !== null}
          note={text.meetings.encryptedNote}
        >
          {text.meetings.encrypted}
        </Switch>
        {form.code && !titleFault ? <Fault>{text.errors[form.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button type="submit" tone="primary" isPending={form.pending} isDisabled={title.trim() === ""}>
            {meeting ? text.common.save : text.meetings.createSubmit}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
