import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ASSIST_ROLES, NAME_MAX_CHARS, type AssistRole } from "../../../protocol.gen";
import type { NewLink, Session } from "../../../state/assist/desk";
import { useLocale, useText } from "../../context";
import pages from "../../pages/page.module.css";
import { useSubmit } from "../../pages/use-submit";
import { Button, ButtonLink } from "../../ui/button";
import { CopyField } from "../../ui/copy-field";
import { Dialog, DialogActions, DialogText, Fault } from "../../ui/dialog";
import { Select, Switch, TextField } from "../../ui/fields";
import { useDesk } from "./desk-frame";
import styles from "./desk.module.css";
import { LinkList } from "./link-list";
import { useDeskWords } from "./words";

const HOURS = [2, 24, 72, 336];

/** A way into a session without an account: address, QR code, text message. */
export function InviteDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const { desk } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const locale = useLocale();
  const client = useQueryClient();
  const [role, setRole] = useState<AssistRole>(session.you.role === "on_site" ? "expert" : "on_site");
  const [name, setName] = useState("");
  const [hours, setHours] = useState(24);
  const [oneTime, setOneTime] = useState(true);
  const [made, setMade] = useState<NewLink | null>(null);
  const form = useSubmit(async () => {
    setMade(await desk.link(session.id, { role, name: name.trim(), hours, one_time: oneTime }));
    await client.invalidateQueries({ queryKey: ["links", session.id] });
  });
  return (
    <Dialog title={words.inviteTitle} isOpen onClose={onClose}>
      {made ? (
        <div className={pages.form}>
          <img
            className={styles.qr}
            src={`data:image/svg+xml,${encodeURIComponent(made.qr_svg)}`}
            alt={words.qr}
          />
          <CopyField label={words.link} value={made.url} />
          <CopyField label={words.sms} value={locale === "en" ? made.sms.en : made.sms.zh} />
          <DialogActions>
            <Button onPress={() => setMade(null)}>{words.another}</Button>
            <ButtonLink href={`/assist/${session.code}`} tone="primary">
              {words.enter}
            </ButtonLink>
          </DialogActions>
        </div>
      ) : (
        <form className={pages.form} onSubmit={form.onSubmit}>
          <DialogText>{words.inviteText}</DialogText>
          <Select
            label={words.inviteAs}
            selected={role}
            onChange={(id) => setRole(ASSIST_ROLES.find((known) => known === id) ?? "on_site")}
            options={ASSIST_ROLES.map((id) => ({ id, label: words.roles[id] }))}
          />
          <TextField
            label={`${words.inviteName} (${text.common.optional})`}
            value={name}
            onChange={setName}
            maxLength={NAME_MAX_CHARS}
            autoComplete="off"
          />
          <Select
            label={words.hours}
            selected={String(hours)}
            onChange={(id) => setHours(Number(id))}
            options={HOURS.map((count) => ({ id: String(count), label: words.hoursOf({ count }) }))}
          />
          <Switch isSelected={oneTime} onChange={setOneTime}>
            {words.oneTime}
          </Switch>
          {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
          <DialogActions>
            <Button onPress={onClose}>{text.common.cancel}</Button>
            <Button type="submit" tone="primary" isPending={form.pending} testId="make-link">
              {words.makeLink}
            </Button>
          </DialogActions>
        </form>
      )}
      {made ? null : <LinkList sessionId={session.id} onReissued={setMade} />}
    </Dialog>
  );
}
