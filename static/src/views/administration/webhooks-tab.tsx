import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Webhook as WebhookIcon } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { Link } from "react-aria-components";
import type { Me } from "../../state/api";
import { EVENTS, Webhooks, type Webhook, type WebhookWish } from "../../state/webhooks";
import desk from "../assist/desk/desk.module.css";
import { useApp, useText } from "../context";
import { Choices, Empty, Failed } from "../directory/parts";
import { fieldFault, useSubmit } from "../pages/use-submit";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Fault } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import styles from "./administration.module.css";
import { WebhookCard } from "./webhook-card";
import { useAdministrationWords, wordOf, type AdministrationWords } from "./words";

/** `of`: the webhook that is looked at, as it stands in the address. */
export function WebhooksTab({ me, of }: { me: Me; of: string }) {
  const { api } = useApp();
  const webhooks = useMemo(() => new Webhooks(api), [api]);
  return of ? <WebhookCard key={of} webhooks={webhooks} id={of} /> : <List webhooks={webhooks} me={me} />;
}

function List({ webhooks, me }: { webhooks: Webhooks; me: Me }) {
  const words = useAdministrationWords();
  const text = useText();
  const client = useQueryClient();
  const [secret, setSecret] = useState("");
  const query = useQuery({ queryKey: ["webhooks"], queryFn: webhooks.list });
  const found = query.data?.webhooks ?? [];
  return (
    <>
      <p className={styles.lead}>{words.webhooks.lead}</p>
      {query.isError ? (
        <Failed cause={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <p className={pages.soft}>{text.common.loading}…</p>
      ) : found.length === 0 ? (
        <Empty icon={<WebhookIcon size={40} strokeWidth={1.5} aria-hidden />} title={words.webhooks.none} />
      ) : (
        <ul className={styles.lines} data-testid="webhooks">
          {found.map((one) => (
            <Line key={one.id} webhook={one} words={words} />
          ))}
        </ul>
      )}
      {secret ? (
        <Secret secret={secret} onDone={() => setSecret("")} />
      ) : (
        <Make
          me={me}
          onMake={async (wish, organization) => {
            setSecret((await webhooks.make(wish, organization)).secret);
            await client.invalidateQueries({ queryKey: ["webhooks"] });
          }}
        />
      )}
    </>
  );
}

export function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const words = useAdministrationWords();
  return (
    <div className={styles.form} role="status">
      <p>{words.tokens.made}</p>
      <CopyField label={words.webhooks.secret} value={secret} testId="webhook-secret" />
      <div>
        <Button tone="primary" onPress={onDone} testId="secret-copied">
          {words.tokens.copied}
        </Button>
      </div>
    </div>
  );
}

function Line({ webhook, words }: { webhook: Webhook; words: AdministrationWords }) {
  const events = webhook.events.map((one) => wordOf(words.webhooks.events, one));
  return (
    <li className={styles.line}>
      <Link className={desk.rowLink ?? ""} href={`/administration/webhooks?of=${webhook.id}`}>
        {webhook.name}
      </Link>
      <span className={styles.what}>
        <span>{webhook.url}</span>
        <span className={styles.soft}>{events.join(" · ")}</span>
        <span className={styles.soft}>{webhook.organization_name || words.webhooks.park}</span>
      </span>
      <span className={pages.badge}>{words.webhooks.states[webhook.state]}</span>
    </li>
  );
}

function Make({
  me,
  onMake,
}: {
  me: Me;
  onMake: (wish: WebhookWish, organization: string) => Promise<void>;
}) {
  const words = useAdministrationWords();
  const scopes = [
    ...(me.features.administer_park ? [{ id: "park", label: words.webhooks.park }] : []),
    ...me.memberships
      .filter((one) => one.roles.includes("administrator") && one.organization.kind !== "park")
      .map((one) => ({ id: one.organization.id, label: one.organization.name })),
  ];
  const [scope, setScope] = useState(scopes[0]?.id ?? "");
  return (
    <>
      <h2 className={styles.title}>{words.webhooks.make}</h2>
      <WebhookForm
        before={null}
        submit={words.webhooks.make}
        onSubmit={(wish) => onMake(wish, scope === "park" ? "" : scope)}
      >
        {scopes.length > 1 ? (
          <Select label={words.webhooks.about} selected={scope} onChange={setScope} options={scopes} />
        ) : null}
      </WebhookForm>
    </>
  );
}

export function WebhookForm({
  before,
  submit,
  onSubmit,
  children,
}: {
  before: Webhook | null;
  submit: string;
  onSubmit: (wish: WebhookWish) => Promise<void>;
  children?: ReactNode;
}) {
  const text = useText();
  const words = useAdministrationWords();
  const [name, setName] = useState(before?.name ?? "");
  const [url, setUrl] = useState(before?.url ?? "");
  const [events, setEvents] = useState<readonly string[]>(before?.events ?? []);
  const form = useSubmit(() => onSubmit({ name: name.trim(), url: url.trim(), events }));
  return (
    <form className={styles.form} onSubmit={form.onSubmit}>
      {children}
      <TextField
        label={words.tokens.name}
        value={name}
        onChange={setName}
        maxLength={64}
        fault={fieldFault(text, "name", form.fields["name"])}
        testId="webhook-name"
      />
      <TextField
        label={words.webhooks.url}
        value={url}
        onChange={setUrl}
        maxLength={500}
        placeholder="https://"
        fault={form.fields["url"] ? words.webhooks.badUrl : null}
        testId="webhook-url"
      />
      <Choices
        label={words.webhooks.when}
        names={Object.fromEntries(EVENTS.map((one) => [one, wordOf(words.webhooks.events, one)]))}
        chosen={events}
        onChange={setEvents}
      />
      {form.code && !form.fields["url"] && !form.fields["name"] ? (
        <Fault>{text.errors[form.code]}</Fault>
      ) : null}
      <div>
        <Button
          tone="primary"
          type="submit"
          isPending={form.pending}
          isDisabled={!name.trim() || !url.trim() || events.length === 0}
          testId="save-webhook"
        >
          {submit}
        </Button>
      </div>
    </form>
  );
}
