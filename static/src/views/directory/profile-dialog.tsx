import { useState } from "react";
import type { ContactRole, Directory, OrganizationPage } from "../../state/directory";
import { useApp, useText } from "../context";
import pages from "../pages/page.module.css";
import { useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import { Select, Switch, TextField } from "../ui/fields";
import styles from "./directory.module.css";
import { LinesField } from "./parts";
import { optionsOf, useDirectoryWords } from "./words";

const SUMMARY_MAX = 2_000;
const CONTACTS_MAX = 20;

export function ProfileDialog({
  page,
  directory,
  onClose,
}: {
  page: OrganizationPage;
  directory: Directory;
  onClose: () => void;
}) {
  const { account } = useApp();
  const text = useText();
  const words = useDirectoryWords();
  const { form } = words;
  const [value, setValue] = useState({
    summary_zh: page.summary_zh,
    summary_en: page.summary_en,
    industry: page.industry ?? "none",
    headcount: page.headcount ?? "none",
    region: page.region || "none",
    address: page.address,
    website: page.website,
    founded_on: page.founded_on ?? "",
  });
  const [contacts, setContacts] = useState(page.contacts);
  const [logo, setLogo] = useState<File | null>(null);
  const me = account.me;
  const ownId = me?.memberships.some((one) => one.organization.id === page.id) ? (me.account?.id ?? "") : "";
  const set = (name: keyof typeof value) => (given: string) => setValue({ ...value, [name]: given });
  const setContact = (place: number, changes: Partial<(typeof contacts)[number]>): void =>
    setContacts(contacts.map((one, index) => (index === place ? { ...one, ...changes } : one)));
  const saving = useSubmit(async () => {
    await directory.write(page.id, {
      ...value,
      revision: page.revision,
      founded_on: value.founded_on || null,
      industry: value.industry === "none" ? null : value.industry,
      headcount: value.headcount === "none" ? null : value.headcount,
      region: value.region === "none" ? "" : value.region,
      contacts: contacts.map((one) => ({ ...one, account_id: one.account_id || null })),
    });
    if (logo) await directory.setLogo(page.id, logo);
    onClose();
  });
  return (
    <Dialog title={form.profile} isOpen wide onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <LinesField
          label={form.summaryZh}
          value={value.summary_zh}
          onChange={set("summary_zh")}
          max={SUMMARY_MAX}
        />
        <LinesField
          label={form.summaryEn}
          value={value.summary_en}
          onChange={set("summary_en")}
          max={SUMMARY_MAX}
        />
        <div className={styles.two}>
          <Select
            label={words.industry}
            selected={value.industry}
            onChange={set("industry")}
            options={optionsOf(words.industries, form.noIndustry)}
          />
          <Select
            label={form.headcount}
            selected={value.headcount}
            onChange={set("headcount")}
            options={optionsOf(words.headcounts, form.noHeadcount)}
          />
          <Select
            label={words.region}
            selected={value.region}
            onChange={set("region")}
            options={optionsOf(words.regions, form.noRegion)}
          />
          <TextField
            label={words.page.address}
            value={value.address}
            onChange={set("address")}
            maxLength={200}
          />
          <label className={styles.choices}>
            <span>{words.page.founded}</span>
            <input
              className={styles.day}
              type="date"
              max={page.today}
              value={value.founded_on}
              onChange={(event) => set("founded_on")(event.target.value)}
            />
          </label>
        </div>
        <TextField
          label={words.page.website}
          value={value.website}
          onChange={set("website")}
          placeholder="https://"
          maxLength={200}
          fault={saving.fields["website"] ? text.fields.invalid : null}
        />
        <label className={styles.choices}>
          <span>{`${form.logo} · ${form.logoHint}`}</span>
          <input
            type="file"
            accept="image/jpeg,image/png"
            onChange={(event) => setLogo(event.target.files?.[0] ?? null)}
          />
        </label>
        {page.logo ? (
          <div>
            <Button tone="quiet" onPress={() => void directory.removeLogo(page.id).then(onClose)}>
              {form.removeLogo}
            </Button>
          </div>
        ) : null}
        <fieldset className={styles.choices}>
          <legend>{form.contacts}</legend>
          {contacts.map((one, place) => (
            <div key={place} className={styles.contact}>
              <TextField
                label={form.contactName}
                value={one.name}
                onChange={(name) => setContact(place, { name })}
                maxLength={64}
                isRequired
              />
              <Select
                label={form.contactRole}
                selected={one.role}
                onChange={(role) => setContact(place, { role: role as ContactRole })}
                options={optionsOf(words.roles)}
              />
              <TextField
                label={form.phone}
                value={one.phone}
                onChange={(phone) => setContact(place, { phone })}
                maxLength={40}
              />
              <TextField
                label={form.email}
                value={one.email}
                onChange={(email) => setContact(place, { email })}
                maxLength={254}
              />
              <div>
                <Switch isSelected={one.public} onChange={(shown) => setContact(place, { public: shown })}>
                  {form.isPublic}
                </Switch>
                {ownId ? (
                  <Switch
                    isSelected={one.account_id === ownId}
                    onChange={(on) => setContact(place, { account_id: on ? ownId : "" })}
                  >
                    {form.me}
                  </Switch>
                ) : null}
                <Button
                  tone="quiet"
                  label={form.removeContact({ name: one.name })}
                  onPress={() => setContacts(contacts.filter((_, index) => index !== place))}
                >
                  {form.remove}
                </Button>
              </div>
            </div>
          ))}
          {contacts.length < CONTACTS_MAX ? (
            <div>
              <Button
                onPress={() =>
                  setContacts([
                    ...contacts,
                    { role: "general", name: "", account_id: "", phone: "", email: "", public: true },
                  ])
                }
              >
                {form.addContact}
              </Button>
            </div>
          ) : null}
        </fieldset>
        {saving.code ? (
          <Fault>{saving.code === "conflict" ? form.changed : text.errors[saving.code]}</Fault>
        ) : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button type="submit" tone="primary" isPending={saving.pending} testId="save-page">
            {text.common.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
