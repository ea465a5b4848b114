import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { encoders as english } from "../../i18n/en-encoders";
import { encoders as chinese } from "../../i18n/zh-encoders";
import { ApiError } from "../../state/api";
import { Encoders, type MadeStreamKey, type SentStream } from "../../state/live/encoders";
import { useApp, useLocale, useText } from "../context";
import pages from "../pages/page.module.css";
import { Button, IconButton } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { TextField } from "../ui/fields";
import styles from "./live.module.css";
import { Section } from "./section";

const LOOK_EVERY_MS = 3_000;
const NAME_MAX_CHARS = 64;

/** Stream keys of a livestream: made and shown once, renewed, revoked, and what is sent with each now. */
export function EncoderKeys({ id }: { id: string }) {
  const { api } = useApp();
  const words = useLocale() === "en" ? english : chinese;
  const text = useText();
  const client = useQueryClient();
  const encoders = useMemo(() => new Encoders(api, id), [api, id]);
  const queryKey = ["stream-keys", id];
  const query = useQuery({ queryKey, queryFn: encoders.list, refetchInterval: LOOK_EVERY_MS });
  const [name, setName] = useState("");
  const [made, setMade] = useState<MadeStreamKey | null>(null);
  const [asked, setAsked] = useState<Question | null>(null);
  const after = { onSettled: () => client.invalidateQueries({ queryKey }) };
  const shown = { ...after, onSuccess: setMade };
  const make = useMutation({ mutationFn: encoders.make, ...shown });
  const renew = useMutation({ mutationFn: encoders.renew, ...shown });
  const revoke = useMutation({ mutationFn: encoders.revoke, ...after });
  const fault = make.error ?? renew.error ?? revoke.error;
  const keys = query.data?.keys ?? [];
  return (
    <Section title={words.title}>
      <p className={pages.small}>{words.text}</p>
      {made ? <Shown made={made} words={words} onDone={() => setMade(null)} /> : null}
      {query.isSuccess && keys.length === 0 ? <p className={pages.small}>{words.none}</p> : null}
      <ul className={styles.rows} data-testid="stream-keys">
        {keys.map((key) => (
          <li key={key.id} className={styles.editRow} data-state={key.state}>
            <div className={styles.grow}>
              <b>{key.name}</b> <span className={pages.badge}>{words.states[key.state]}</span>
              {key.stream ? <div className={pages.small}>{told(key.stream, words)}</div> : null}
            </div>
            <Button
              tone="quiet"
              onPress={() =>
                setAsked({
                  title: words.renew,
                  text: words.renewAsk({ name: key.name }),
                  action: words.renew,
                  run: () => renew.mutate(key.id),
                })
              }
            >
              {words.renew}
            </Button>
            <IconButton
              name={words.revoke({ name: key.name })}
              onPress={() =>
                setAsked({
                  title: words.title,
                  text: words.revokeAsk({ name: key.name }),
                  action: words.revoke({ name: key.name }),
                  run: () => revoke.mutate(key.id),
                })
              }
            >
              <Trash2 size={18} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <form
        className={styles.editRow}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() === "") return;
          make.mutate(name.trim());
          setName("");
        }}
      >
        <div className={styles.grow}>
          <TextField
            label={words.name}
            hideLabel
            placeholder={words.name}
            value={name}
            onChange={setName}
            maxLength={NAME_MAX_CHARS}
            testId="stream-key-name"
          />
        </div>
        <Button type="submit" isPending={make.isPending} testId="stream-key-make">
          {words.make}
        </Button>
      </form>
      {fault ? <Fault>{text.errors[fault instanceof ApiError ? fault.code : "internal"]}</Fault> : null}
      <Confirm question={asked} onClose={() => setAsked(null)} />
    </Section>
  );
}

type EncoderWords = typeof chinese;

function Shown({ made, words, onDone }: { made: MadeStreamKey; words: EncoderWords; onDone: () => void }) {
  const { whip, rtmp } = made.addresses;
  return (
    <div className={styles.rows} role="status" data-testid="stream-key-made">
      <p>{words.onlyOnce({ name: made.key.name })}</p>
      <CopyField label={words.secret} value={made.secret} testId="stream-key-secret" />
      {rtmp ? <CopyField label={words.rtmp} value={rtmp} /> : null}
      {made.srt ? <CopyField label={words.srt} value={made.srt} /> : null}
      <CopyField label={words.whip} value={whip} testId="stream-key-whip" />
      <Button onPress={onDone}>{words.done}</Button>
    </div>
  );
}

function told(stream: SentStream, words: EncoderWords): string {
  const kbps = Math.round((stream.video_bps + stream.audio_bps) / 1_000);
  const parts = [words.stream({ video: stream.video, audio: stream.audio, kbps })];
  if (stream.video && !stream.copied) parts.push(words.encoded);
  if (stream.jumps > 0) parts.push(words.jumps({ count: stream.jumps }));
  return parts.join(" · ");
}
