import { useRef, useState } from "react";
import { clockText } from "../../i18n/language";
import type { RecordingChapter } from "../../state/recordings";
import { Fault } from "../ui/dialog";
import styles from "./recordings.module.css";
import { useRecordingWords } from "./words";

const MS_PER_S = 1_000;

/**
 * A film with its chapters; a chapter is where the film goes on from when it is pressed.
 *
 * `url` may bring a fresh token from time to time: the film goes on by the one it began with, for as long as that is good.
 */
export function Film({
  url,
  title,
  chapters,
  captions = [],
}: {
  url: string;
  title: string;
  chapters: readonly RecordingChapter[];
  captions?: readonly { readonly language: string; readonly label: string; readonly url: string }[];
}) {
  const words = useRecordingWords();
  const video = useRef<HTMLVideoElement>(null);
  const [atMs, setAtMs] = useState(0);
  const [failed, setFailed] = useState(false);
  const [source, setSource] = useState(url);
  const goesOnAtS = useRef(0);
  if (fileOf(source) !== fileOf(url)) setSource(url);
  const current = chapters.findLastIndex((chapter) => chapter.at_ms <= atMs);
  return (
    <div className={styles.film}>
      <video
        ref={video}
        className={styles.video}
        src={source}
        controls
        playsInline
        preload="metadata"
        aria-label={title}
        data-testid="film"
        onTimeUpdate={(event) => setAtMs(event.currentTarget.currentTime * MS_PER_S)}
        onLoadedMetadata={(event) => {
          if (goesOnAtS.current > 0) event.currentTarget.currentTime = goesOnAtS.current;
          goesOnAtS.current = 0;
        }}
        onError={(event) => {
          goesOnAtS.current = event.currentTarget.currentTime;
          if (source === url) setFailed(true);
          else setSource(url);
        }}
      >
        {captions.map((one) => (
          <track key={one.language} kind="captions" srcLang={one.language} label={one.label} src={one.url} />
        ))}
      </video>
      {failed ? <Fault>{words.faults.other}</Fault> : null}
      {chapters.length > 1 ? (
        <nav aria-label={words.chapters}>
          <h2 className={styles.heading}>{words.chapters}</h2>
          <ol className={styles.chapters}>
            {chapters.map((chapter, index) => (
              <li key={`${chapter.at_ms}`}>
                <button
                  type="button"
                  className={styles.chapter}
                  aria-current={index === current}
                  data-testid="chapter"
                  onClick={() => {
                    if (!video.current) return;
                    video.current.currentTime = chapter.at_ms / MS_PER_S;
                    void video.current.play().catch(() => undefined);
                  }}
                >
                  <span className="tabular">{clockText(chapter.at_ms)}</span>
                  {chapter.title}
                </button>
              </li>
            ))}
          </ol>
        </nav>
      ) : null}
    </div>
  );
}

/** Which film it is, whoever may see it. */
function fileOf(url: string): string {
  return url.split("?", 1)[0] ?? url;
}
