import { Download } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { clockText } from "../../i18n/language";
import { ApiError } from "../../state/api";
import { Recordings, savingUrl, type SharedRecording } from "../../state/recordings";
import { useApp, useLocale, useText } from "../context";
import { PageFrame } from "../pages/page-frame";
import styles from "../pages/page.module.css";
import { Film } from "./film";
import own from "./recordings.module.css";
import { useRecordingWords } from "./words";

/** A film behind a link, for people without an account.  The token is in the fragment, which no server log sees. */
export default function SharedPage() {
  const { api } = useApp();
  const text = useText();
  const words = useRecordingWords();
  const locale = useLocale();
  const recordings = useMemo(() => new Recordings(api), [api]);
  const [found, setFound] = useState<SharedRecording | "expired" | "failed" | null>(null);
  useEffect(() => {
    recordings.shared(window.location.hash.slice(1)).then(setFound, (cause: unknown) => {
      setFound(cause instanceof ApiError && cause.code === "unavailable" ? "failed" : "expired");
    });
  }, [recordings]);
  if (found === null) return null;
  if (found === "expired" || found === "failed")
    return (
      <PageFrame title={words.title}>
        <div className={styles.empty}>
          <h1>{found === "expired" ? words.expired : text.errors.unavailable}</h1>
          {found === "expired" ? <p>{words.expiredText}</p> : null}
        </div>
      </PageFrame>
    );
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
  return (
    <PageFrame title={found.title}>
      <div className={styles.titleRow}>
        <h1>{found.title}</h1>
        <div className={styles.actions}>
          <a className={own.save} href={savingUrl(found.film_url)} download>
            <Download size={18} aria-hidden />
            {words.save}
          </a>
        </div>
      </div>
      <p className={`${styles.soft ?? ""} tabular`}>
        {when.format(found.started_at_ms)} · {clockText(found.film_ms)}
      </p>
      <Film url={found.film_url} title={found.title} chapters={found.chapters} />
    </PageFrame>
  );
}
