import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { machineTitle, type Machine } from "../../../state/assist/desk";
import { useApp, useText } from "../../context";
import pages from "../../pages/page.module.css";
import { fieldFault, useSubmit } from "../../pages/use-submit";
import { Button } from "../../ui/button";
import { Dialog, DialogActions, DialogText, Fault } from "../../ui/dialog";
import { Select, TextField } from "../../ui/fields";
import { useDesk } from "./desk-frame";
import styles from "./desk.module.css";
import { useDeskWords } from "./words";

const TITLE_MAX_CHARS = 120;
const NOTE_MAX_CHARS = 4_000;

/** Asks an installer to work on one of these machines. */
export function JobDialog({ machines, onClose }: { machines: readonly Machine[]; onClose: () => void }) {
  const { desk } = useDesk();
  const { router } = useApp();
  const text = useText();
  const words = useDeskWords();
  const [machineId, setMachineId] = useState(machines[0]?.id ?? "");
  const [chosen, setChosen] = useState("");
  const [title, setTitle] = useState("");
  const [note, setNote] = useState("");
  const installers = useQuery({ queryKey: ["installers"], queryFn: desk.installers });
  const offered = installers.data?.installers ?? [];
  const installerId = chosen === "" ? (offered[0]?.id ?? "") : chosen;
  const form = useSubmit(async () => {
    const wish = { machine_id: machineId, installer_id: installerId, title: title.trim(), note };
    router.go(`/jobs/${(await desk.requestJob(wish)).job.id}`);
  });
  return (
    <Dialog title={words.requestTitle} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={form.onSubmit}>
        <TextField
          label={words.jobTitle}
          value={title}
          onChange={setTitle}
          maxLength={TITLE_MAX_CHARS}
          autoComplete="off"
          fault={fieldFault(text, "title", form.fields["title"])}
          autoFocus
          isRequired
        />
        <Select
          label={words.machine}
          selected={machineId}
          onChange={setMachineId}
          options={machines.map((one) => ({
            id: one.id,
            label: [machineTitle(one), one.serial].filter(Boolean).join(" · "),
          }))}
        />
        {installers.isSuccess && offered.length === 0 ? (
          <DialogText>{words.noInstallers}</DialogText>
        ) : (
          <Select
            label={words.installer}
            selected={installerId}
            onChange={setChosen}
            options={offered.map((one) => ({ id: one.id, label: one.name }))}
          />
        )}
        <label className={styles.field}>
          {`${words.jobNote} (${text.common.optional})`}
          <textarea
            maxLength={NOTE_MAX_CHARS}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
        {form.code && !form.fields["title"] ? <Fault>{text.errors[form.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            type="submit"
            tone="primary"
            isPending={form.pending}
            isDisabled={title.trim() === "" || machineId === "" || installerId === ""}
          >
            {words.requestSubmit}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
