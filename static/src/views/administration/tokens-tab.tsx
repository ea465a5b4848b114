import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { Me } from "../../state/api";
import { AREAS, type Administration, type ApiToken, type Area } from "../../state/administration";
import { useLocale, useText } from "../context";
import { Choices, Empty, Failed } from "../directory/parts";
import { useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import styles from "./administration.module.css";
import { useAdministrationWords, wordOf, type AdministrationWords } from "./words";

const DAYS = [7, 30, 90, 365] as const;

export function TokensTab({ administration, me }: { administration: Administration; me: Me }) {
  const words = useAdministrationWords();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["tokens"], queryFn: administration.tokens });
  const [question, setQuestion] = useState<Question | null>(null);
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["tokens"] });
  return (
    <>
      <p className={styles.lead}>{words.tokens.lead}</p>
      <Make administration={administration} me={me} onMade={refresh} />
      {query.isError ? <Failed cause={query.error} retry={() => void query.refetch()} /> : null}
      {query.data?.tokens.length === 0 ? (
        <Empty icon={<KeyRound size={40} strokeWidth={1.5} aria-hidden />} title={words.tokens.none} />
      ) : null}
      {query.data && query.data.tokens.length > 0 ? (
        <ul className={styles.lines} data-testid="tokens">
          {query.data.tokens.map((token) => (
            <Line
              key={token.id}
              token={token}
              words={words}
              onRevoke={() =>
                setQuestion({
                  title: words.tokens.revokeTitle({ name: token.name }),
                  text: words.tokens.revokeText,
                  action: words.tokens.revoke,
                  // Gone already is as good; whatever else it was, the list shows that it is still there.
                  run: () => void administration.revokeToken(token.id).then(refresh, refresh),
                })
              }
            />
          ))}
        </ul>
      ) : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function Make({
  administration,
  me,
  onMade,
}: {
  administration: Administration;
  me: Me;
  onMade: () => void;
}) {
  const text = useText();
  const words = useAdministrationWords();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [reads, setReads] = useState<readonly string[]>([]);
  const [writes, setWrites] = useState<readonly string[]>([]);
  const [secret, setSecret] = useState("");
  const areas = AREAS.filter(
    (area: Area) =>
      area !== "administration" || me.memberships.some((one) => one.roles.includes("administrator")),
  );
  const names = Object.fromEntries(areas.map((area) => [area, words.tokens.areas[area]]));
  const scopes = [...reads.map((area) => `${area}:read`), ...writes.map((area) => `${area}:write`)];
  const form = useSubmit(async () => {
    const made = await administration.makeToken(name.trim(), scopes, Number(days));
    setSecret(made.secret);
    setName("");
    setReads([]);
    setWrites([]);
    onMade();
  });
  if (secret)
    return (
      <div className={styles.form} role="status">
        <p>{words.tokens.made}</p>
        <CopyField label={words.tokens.secret} value={secret} testId="token-secret" />
        <div>
          <Button tone="primary" onPress={() => setSecret("")}>
            {words.tokens.copied}
          </Button>
        </div>
      </div>
    );
  return (
    <form className={styles.form} onSubmit={form.onSubmit}>
      <TextField
        label={words.tokens.name}
        value={name}
        onChange={setName}
        maxLength={64}
        testId="token-name"
      />
      <Select
        label={words.tokens.days}
        selected={days}
        onChange={setDays}
        options={DAYS.map((count) => ({ id: String(count), label: words.tokens.daysOf({ count }) }))}
      />
      <Choices label={words.tokens.reads} names={names} chosen={reads} onChange={setReads} />
      <Choices label={words.tokens.writes} names={names} chosen={writes} onChange={setWrites} />
      {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
      <div>
        <Button
          tone="primary"
          type="submit"
          isPending={form.pending}
          isDisabled={!name.trim() || scopes.length === 0}
          testId="make-token"
        >
          {words.tokens.make}
        </Button>
      </div>
    </form>
  );
}

function Line({
  token,
  words,
  onRevoke,
}: {
  token: ApiToken;
  words: AdministrationWords;
  onRevoke: () => void;
}) {
  const day = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium" });
  const scopes = token.scopes.map((scope) => {
    const [area = "", right] = scope.split(":");
    const may = right === "read" ? words.tokens.reads : words.tokens.writes;
    return `${may} ${wordOf(words.tokens.areas, area)}`;
  });
  return (
    <li className={styles.line}>
      <strong>{token.name}</strong>
      <span className={styles.what}>
        <span>{scopes.join(" · ")}</span>
        <span className={styles.soft}>{words.tokens.until({ day: day.format(token.expires_at_ms) })}</span>
        <span className={styles.soft}>
          {token.used_at_ms
            ? words.tokens.used({ day: day.format(token.used_at_ms), from: token.used_from })
            : words.tokens.never}
        </span>
      </span>
      <Button tone="quiet" onPress={onRevoke}>
        {words.tokens.revoke}
      </Button>
    </li>
  );
}
