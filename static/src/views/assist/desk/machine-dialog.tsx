import { useState } from "react";
import type { Machine } from "../../../state/assist/desk";
import { useText } from "../../context";
import pages from "../../pages/page.module.css";
import { fieldFault, useSubmit } from "../../pages/use-submit";
import { Button } from "../../ui/button";
import { Dialog, DialogActions, Fault } from "../../ui/dialog";
import { TextField } from "../../ui/fields";
import { useDesk } from "./desk-frame";
import { useDeskWords } from "./words";

const WORD_MAX_CHARS = 80;
const SITE_MAX_CHARS = 120;

/** Registers a machine, or changes the given one. */
export function MachineDialog({
  machine,
  onClose,
  onDone,
}: {
  machine: Machine | null;
  onClose: () => void;
  onDone: (machine: Machine) => void;
}) {
  const { desk } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const [given, setGiven] = useState({
    make: machine?.make ?? "",
    model: machine?.model ?? "",
    serial: machine?.serial ?? "",
    site: machine?.site ?? "",
  });
  const form = useSubmit(async () => {
    onDone(await (machine ? desk.changeMachine(machine.id, given) : desk.register(given)));
    onClose();
  });
  const field = (name: keyof typeof given, isRequired: boolean) => (
    <TextField
      label={isRequired ? words[name] : `${words[name]} (${text.common.optional})`}
      name={name}
      value={given[name]}
      onChange={(value) => setGiven((before) => ({ ...before, [name]: value }))}
      maxLength={name === "site" ? SITE_MAX_CHARS : WORD_MAX_CHARS}
      autoComplete="off"
      fault={fieldFault(text, name, form.fields[name])}
      isRequired={isRequired}
      autoFocus={name === "make"}
    />
  );
  return (
    <Dialog title={machine ? words.change : words.register} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={form.onSubmit}>
        {field("make", true)}
        {field("model", true)}
        {field("serial", false)}
        {field("site", false)}
        {form.code && Object.keys(form.fields).length === 0 ? <Fault>{text.errors[form.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            type="submit"
            tone="primary"
            isPending={form.pending}
            isDisabled={given.make.trim() === "" || given.model.trim() === ""}
          >
            {machine ? text.common.save : words.register}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
