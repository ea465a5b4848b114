import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Delivery, Webhook, Webhooks } from "../../state/webhooks";
import { useApp, useLocale, useText } from "../context";
import { Failed } from "../directory/parts";
import { useSubmit } from "../pages/use-submit";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { Confirm, Fault, type Question } from "../ui/dialog";
import styles from "./administration.module.css";
import { Secret, WebhookForm } from "./webhook-form";
import { useAdministrationWords, wordOf, type AdministrationWords } from "./words";

const LOOK_AGAIN_MS = 5_000;

export function WebhookCard({ webhooks, id }: { webhooks: Webhooks; id: string }) {
  const text = useText();
  const words = useAdministrationWords();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["webhook", id], queryFn: () => webhooks.get(id) });
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ["webhook", id] });
  const back = <ButtonLink href="/administration/webhooks">{words.webhooks.all}</ButtonLink>;
  if (!query.data)
    return query.isError ? (
      <>
        <Failed cause={query.error} retry={() => void query.refetch()} />
        {back}
      </>
    ) : (
      <p className={pages.soft}>{text.common.loading}…</p>
    );
  return (
    <>
      <div className={styles.bar}>{back}</div>
      <Card key={query.data.state} webhook={query.data} webhooks={webhooks} refresh={refresh} />
      <Deliveries webhook={query.data} webhooks={webhooks} />
    </>
  );
}

function Card({
  webhook,
  webhooks,
  refresh,
}: {
  webhook: Webhook;
  webhooks: Webhooks;
  refresh: () => Promise<void>;
}) {
  const { router } = useApp();
  const text = useText();
  const words = useAdministrationWords();
  const client = useQueryClient();
  const [secret, setSecret] = useState("");
  const [question, setQuestion] = useState<Question | null>(null);
  const active = webhook.state === "active";
  const wish = { name: webhook.name, url: webhook.url, events: webhook.events };
  const toggle = useSubmit(async () => {
    await webhooks.change(webhook.id, wish, !active);
    await refresh();
  });
  const test = useSubmit(async () => {
    await webhooks.test(webhook.id);
    await client.invalidateQueries({ queryKey: ["deliveries", webhook.id] });
  });
  const rotate = useSubmit(async () => setSecret((await webhooks.rotate(webhook.id)).secret));
  const remove = useSubmit(async () => {
    await webhooks.remove(webhook.id);
    await client.invalidateQueries({ queryKey: ["webhooks"] });
    router.go("/administration/webhooks");
  });
  const fault = toggle.code ?? test.code ?? rotate.code ?? remove.code;
  return (
    <>
      <h2 className={styles.title}>
        {webhook.name} <span className={pages.badge}>{words.webhooks.states[webhook.state]}</span>
      </h2>
      {webhook.state === "failing" || webhook.state === "gone" ? (
        <p className={styles.lead}>{words.webhooks.why[webhook.state]}</p>
      ) : null}
      {secret ? (
        <Secret secret={secret} onDone={() => setSecret("")} />
      ) : (
        <WebhookForm
          before={webhook}
          submit={words.webhooks.save}
          onSubmit={async (changed) => {
            await webhooks.change(webhook.id, changed, active);
            await refresh();
          }}
        />
      )}
      {fault ? <Fault>{text.errors[fault]}</Fault> : null}
      <div className={styles.bar}>
        <Button
          onPress={() => void test.run()}
          isPending={test.pending}
          isDisabled={!active}
          testId="test-webhook"
        >
          {words.webhooks.test}
        </Button>
        <Button onPress={() => void toggle.run()} isPending={toggle.pending}>
          {active ? words.webhooks.pause : words.webhooks.resume}
        </Button>
        <Button
          onPress={() =>
            setQuestion({
              title: words.webhooks.rotate,
              text: words.webhooks.rotateText,
              action: words.webhooks.rotate,
              run: () => void rotate.run(),
            })
          }
        >
          {words.webhooks.rotate}
        </Button>
        <Button
          tone="danger"
          onPress={() =>
            setQuestion({
              title: words.webhooks.removeTitle({ name: webhook.name }),
              text: words.webhooks.removeText,
              action: words.webhooks.remove,
              run: () => void remove.run(),
            })
          }
        >
          {words.webhooks.remove}
        </Button>
      </div>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function Deliveries({ webhook, webhooks }: { webhook: Webhook; webhooks: Webhooks }) {
  const words = useAdministrationWords();
  const found = useInfiniteQuery({
    queryKey: ["deliveries", webhook.id],
    queryFn: ({ pageParam }) => webhooks.deliveries(webhook.id, pageParam),
    initialPageParam: "",
    getNextPageParam: (page) => (page.more ? (page.deliveries.at(-1)?.id ?? null) : null),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const deliveries = found.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <>
      <h2 className={styles.title}>{words.webhooks.deliveries}</h2>
      {found.isError ? <Failed cause={found.error} retry={() => void found.refetch()} /> : null}
      {found.isSuccess && deliveries.length === 0 ? (
        <p className={styles.soft}>{words.webhooks.noDeliveries}</p>
      ) : null}
      {deliveries.length > 0 ? (
        <ul className={styles.lines} data-testid="deliveries">
          {deliveries.map((one) => (
            <DeliveryLine
              key={one.id}
              delivery={one}
              words={words}
              onAgain={
                webhook.state === "active"
                  ? () => void webhooks.again(webhook.id, one.id).finally(() => void found.refetch())
                  : null
              }
            />
          ))}
        </ul>
      ) : null}
      {found.hasNextPage ? (
        <Button onPress={() => void found.fetchNextPage()} isPending={found.isFetchingNextPage}>
          {words.more}
        </Button>
      ) : null}
    </>
  );
}

function DeliveryLine({
  delivery,
  words,
  onAgain,
}: {
  delivery: Delivery;
  words: AdministrationWords;
  onAgain: (() => void) | null;
}) {
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "medium" });
  return (
    <li className={styles.line}>
      <time className={styles.soft} dateTime={new Date(delivery.created_at_ms).toISOString()}>
        {when.format(delivery.created_at_ms)}
      </time>
      <span className={styles.what}>
        <strong>{wordOf(words.webhooks.events, delivery.event)}</strong>
        <span>{words.webhooks.fates[delivery.state]}</span>
        <span className={styles.soft}>{words.webhooks.tries({ count: delivery.tries })}</span>
        {delivery.fault ? (
          <span className={styles.soft}>{wordOf(words.webhooks.faults, delivery.fault)}</span>
        ) : null}
        {delivery.state === "waiting" && delivery.tries > 0 ? (
          <span className={styles.soft}>
            {words.webhooks.next({ when: when.format(delivery.due_at_ms) })}
          </span>
        ) : null}
        <details className={styles.body}>
          <summary>{words.webhooks.body}</summary>
          <code>{delivery.body}</code>
        </details>
      </span>
      {onAgain && delivery.state !== "waiting" ? (
        <Button tone="quiet" onPress={onAgain}>
          {words.webhooks.again}
        </Button>
      ) : null}
    </li>
  );
}
