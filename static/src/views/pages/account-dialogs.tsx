import { lazy, Suspense, useEffect, useState } from "react";
import type { Me } from "../../state/api";
import { useApp, usePasswordMin, useText } from "../context";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Dialog, DialogActions, DialogText, Fault } from "../ui/dialog";
import { Select, Switch, TextField, type Option } from "../ui/fields";
import { administers } from "./administers";
import styles from "./page.module.css";
import { fieldFault, useSubmit } from "./use-submit";

/** Of an address: with the settings open.  So one comes back from the sign-in provider, and sees what came of it. */
export const SETTINGS_OPEN = "?settings=open";

const OidcSignIn = lazy(() => import("./oidc"));

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly me: Me;
}

export function AccountDialog({ isOpen, onClose, me }: Props) {
  const text = useText();
  return (
    <Dialog title={text.account.settings} isOpen={isOpen} onClose={onClose}>
      <NameForm me={me} />
      <div className={styles.divider} />
      <PasswordForm />
      <Suspense fallback={null}>
        <OidcSignIn next={window.location.pathname + SETTINGS_OPEN} />
      </Suspense>
    </Dialog>
  );
}

function NameForm({ me }: { me: Me }) {
  const { api, account } = useApp();
  const text = useText();
  const [name, setName] = useState(me.account?.name ?? "");
  const [saved, setSaved] = useState(false);
  const form = useSubmit(async () => {
    account.know(await api.changeMe({ name: name.trim() }));
    setSaved(true);
  });
  return (
    <form className={styles.form} onSubmit={form.onSubmit}>
      <TextField
        label={text.fields.name}
        value={name}
        onChange={(value) => {
          setName(value);
          setSaved(false);
        }}
        autoComplete="name"
        hint={saved ? text.account.saved : undefined}
        fault={fieldFault(text, "name", form.fields["name"])}
      />
      <DialogActions>
        <Button type="submit" isPending={form.pending}>
          {text.common.save}
        </Button>
      </DialogActions>
    </form>
  );
}

function PasswordForm() {
  const { api, account } = useApp();
  const text = useText();
  const passwordMin = usePasswordMin();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [saved, setSaved] = useState(false);
  const form = useSubmit(async () => {
    account.know(await api.changeMe({ current_password: current, new_password: next }));
    setCurrent("");
    setNext("");
    setSaved(true);
  });
  const wrongCurrent = form.fields["current_password"] !== undefined || form.code === "forbidden";
  return (
    <form className={styles.form} onSubmit={form.onSubmit}>
      <TextField
        label={text.fields.currentPassword}
        type="password"
        autoComplete="current-password"
        value={current}
        onChange={setCurrent}
        fault={wrongCurrent ? text.account.wrongPassword : null}
      />
      <TextField
        label={text.fields.newPassword}
        type="password"
        autoComplete="new-password"
        value={next}
        onChange={setNext}
        hint={saved ? text.account.passwordChanged : text.fields.passwordHint({ count: passwordMin })}
        fault={fieldFault(text, "new_password", form.fields["new_password"], passwordMin)}
      />
      {form.code && !wrongCurrent && !form.fields["new_password"] ? (
        <Fault>{text.errors[form.code]}</Fault>
      ) : null}
      <DialogActions>
        <Button type="submit" isPending={form.pending} isDisabled={current === "" || next === ""}>
          {text.account.changePassword}
        </Button>
      </DialogActions>
    </form>
  );
}

export function InviteColleagueDialog({ isOpen, onClose, me }: Props) {
  const { api } = useApp();
  const text = useText();
  const [organizations, setOrganizations] = useState<readonly Option[]>(administers(me));
  const [organization, setOrganization] = useState(organizations[0]?.id ?? "");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [administrator, setAdministrator] = useState(false);
  const [link, setLink] = useState("");
  const form = useSubmit(async () => {
    const reply = await api.invite({
      email: email.trim(),
      name: name.trim(),
      organization_id: organization,
      roles: [administrator ? "administrator" : "member"],
    });
    setLink(new URL(reply.link, window.location.origin).href);
  });
  useEffect(() => {
    if (!isOpen) return;
    setLink("");
    setName("");
    setEmail("");
    // Only park administrators may list them all; everybody else keeps their own.
    api.organizations().then(
      (reply) => setOrganizations(reply.organizations.map(({ id, name: label }) => ({ id, label }))),
      () => undefined,
    );
  }, [isOpen, api]);
  const fault = (field: string): string | null => fieldFault(text, field, form.fields[field]);
  return (
    <Dialog title={text.account.invite} isOpen={isOpen} onClose={onClose}>
      {link ? (
        <>
          <DialogText>{text.account.inviteReady}</DialogText>
          <CopyField label={text.invite.link} value={link} />
        </>
      ) : (
        <form className={styles.form} onSubmit={form.onSubmit}>
          <DialogText>{text.account.inviteText}</DialogText>
          <TextField
            label={text.account.inviteName}
            value={name}
            onChange={setName}
            fault={fault("name")}
            autoComplete="off"
            isRequired
          />
          <TextField
            label={text.fields.email}
            type="email"
            value={email}
            onChange={setEmail}
            fault={fault("email")}
            autoComplete="off"
            isRequired
          />
          <Select
            label={text.fields.organization}
            options={organizations}
            selected={organization}
            onChange={setOrganization}
          />
          <Switch isSelected={administrator} onChange={setAdministrator}>
            {text.account.administrator}
          </Switch>
          {form.code && Object.keys(form.fields).length === 0 ? (
            <Fault>{text.errors[form.code]}</Fault>
          ) : null}
          <DialogActions>
            <Button type="submit" tone="primary" isPending={form.pending}>
              {text.account.inviteSubmit}
            </Button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  );
}
