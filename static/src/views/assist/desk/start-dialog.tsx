import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ASSIST_ROLES, type AssistRole } from "../../../protocol.gen";
import { machineTitle, type Session } from "../../../state/assist/desk";
import { useText } from "../../context";
import pages from "../../pages/page.module.css";
import { useSubmit } from "../../pages/use-submit";
import { Button } from "../../ui/button";
import { Dialog, DialogActions, Fault } from "../../ui/dialog";
import { Select } from "../../ui/fields";
import { useDesk } from "./desk-frame";
import { useDeskWords } from "./words";

const MACHINES_OFFERED = 100;
const NONE = "none";

/** Starts a session; the next step is to invite somebody into it. */
export function StartDialog({
  onClose,
  onStarted,
}: {
  onClose: () => void;
  onStarted: (session: Session) => void;
}) {
  const { desk, me } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const installs = me.memberships.some((one) => one.organization.kind === "installer");
  const [role, setRole] = useState<AssistRole>(installs ? "expert" : "on_site");
  const [machineId, setMachineId] = useState(NONE);
  const machines = useQuery({
    queryKey: ["machines", "offered"],
    queryFn: () => desk.machines({ search: "", before: "", limit: MACHINES_OFFERED }),
  });
  const form = useSubmit(async () => {
    onStarted(await desk.start({ role, ...(machineId === NONE ? {} : { machine_id: machineId }) }));
  });
  return (
    <Dialog title={words.startTitle} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={form.onSubmit}>
        <Select
          label={words.startAs}
          selected={role}
          onChange={(id) => setRole(ASSIST_ROLES.find((known) => known === id) ?? "on_site")}
          options={ASSIST_ROLES.map((id) => ({ id, label: words.roles[id] }))}
        />
        <Select
          label={words.about}
          selected={machineId}
          onChange={setMachineId}
          options={[
            { id: NONE, label: words.aboutNothing },
            ...(machines.data?.machines ?? []).map((machine) => ({
              id: machine.id,
              label: [machineTitle(machine), machine.serial, machine.site].filter(Boolean).join(" · "),
            })),
          ]}
        />
        {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button type="submit" tone="primary" isPending={form.pending} testId="start-session">
            {words.startNow}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
