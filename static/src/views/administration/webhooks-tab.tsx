import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Webhook as WebhookIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import type { Me } from "../../state/api";
import { Webhooks, type Webhook, type WebhookWish } from "../../state/webhooks";
import desk from "../assist/desk/desk.module.css";
import { useApp, useText } from "../context";
import { Empty, Failed } from "../directory/parts";
import pages from "../pages/page.module.css";
import { Select } from "../ui/fields";
import styles from "./administration.module.css";
import { WebhookCard } from "./webhook-card";
import { Secret, WebhookForm } from "./webhook-form";
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
