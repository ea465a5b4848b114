import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { restreams as english } from "../../i18n/en-restreams";
import { restreams as chinese } from "../../i18n/zh-restreams";
import { ApiError } from "../../state/api";
import { Restreams, type RestreamTarget } from "../../state/live/restreams";
import { useApp, useLocale, useText } from "../context";
import pages from "../pages/page.module.css";
import { Button, IconButton } from "../ui/button";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { Switch, TextField } from "../ui/fields";
import styles from "./live.module.css";
import { Section } from "./section";

const LOOK_EVERY_MS = 3_000;
const NAME_MAX_CHARS = 64;
const TEXT_MAX_CHARS = 300;
const NOTHING = { name: "", url: "", key: "" };

/** Other platforms that a livestream is sent on to, and how that goes. */
export function RestreamTargets({ id }: { id: string }) {
  const { api } = useApp();
  const words = useLocale() === "en" ? english : chinese;
  const text = useText();
  const client = useQueryClient();
  const restreams = useMemo(() => new Restreams(api, id), [api, id]);
  const queryKey = ["restreams", id];
  const query = useQuery({ queryKey, queryFn: restreams.list, refetchInterval: LOOK_EVERY_MS });
  const [wish, setWish] = useState(NOTHING);
  const [asked, setAsked] = useState<Question | null>(null);
  const after = { onSettled: () => client.invalidateQueries({ queryKey }) };
  const add = useMutation({ mutationFn: restreams.add, onSuccess: () => setWish(NOTHING), ...after });
  const enable = useMutation({ mutationFn: restreams.enable, ...after });
  const remove = useMutation({ mutationFn: restreams.remove, ...after });
  const fault = add.error ?? enable.error ?? remove.error;
  const code = fault instanceof ApiError ? fault.code : "internal";
  const badUrl = fault instanceof ApiError && "url" in fault.fields;
  const targets = query.data?.restreams ?? [];
  return (
    <Section title={words.title}>
      <p className={pages.small}>{words.text}</p>
      {query.isSuccess && targets.length === 0 ? <p className={pages.small}>{words.none}</p> : null}
      <ul className={styles.rows} data-testid="restream-targets">
        {targets.map((target) => (
          <li key={target.id} className={styles.editRow} data-state={target.state}>
            <div className={styles.grow}>
              <b>{target.name}</b> <span className={pages.badge}>{stateOf(target, words)}</span>
              <div className={pages.small}>{detailOf(target, words)}</div>
            </div>
            <Switch
              isSelected={target.enabled}
              onChange={(enabled) => enable.mutate({ id: target.id, enabled })}
            >
              <span className="visually-hidden">{words.on({ name: target.name })}</span>
            </Switch>
            <IconButton
              name={words.remove({ name: target.name })}
              onPress={() =>
                setAsked({
                  title: words.title,
                  text: words.removeAsk({ name: target.name }),
                  action: words.remove({ name: target.name }),
                  run: () => remove.mutate(target.id),
                })
              }
            >
              <Trash2 size={18} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <form
        className={styles.rows}
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          const { name, url, key } = wish;
          if (name.trim() && url.trim() && key.trim()) {
            add.mutate({ name: name.trim(), url: url.trim(), key: key.trim() });
          }
        }}
      >
        <TextField
          label={words.name}
          value={wish.name}
          onChange={(name) => setWish({ ...wish, name })}
          maxLength={NAME_MAX_CHARS}
          testId="restream-name"
        />
        <TextField
          label={words.url}
          placeholder={words.urlHint}
          value={wish.url}
          onChange={(url) => setWish({ ...wish, url })}
          maxLength={TEXT_MAX_CHARS}
          fault={badUrl ? words.badUrl : null}
          testId="restream-url"
        />
        <TextField
          label={words.key}
          value={wish.key}
          onChange={(key) => setWish({ ...wish, key })}
          maxLength={TEXT_MAX_CHARS}
          type="password"
          testId="restream-key"
        />
        <Button type="submit" isPending={add.isPending} testId="restream-add">
          {words.add}
        </Button>
      </form>
      {fault && !badUrl ? <Fault>{text.errors[code]}</Fault> : null}
      <Confirm question={asked} onClose={() => setAsked(null)} />
    </Section>
  );
}

type RestreamWords = typeof chinese;

function stateOf(target: RestreamTarget, words: RestreamWords): string {
  return target.enabled ? words.states[target.state] : words.off;
}

function detailOf(target: RestreamTarget, words: RestreamWords): string {
  if (!target.enabled || target.cause === "" || target.state === "sending") return target.url;
  return `${target.url} · ${words.causes[target.cause]}`;
}
