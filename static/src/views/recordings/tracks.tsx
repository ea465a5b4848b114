import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { clockText } from "../../i18n/language";
import { savingUrl, sizeText, type Recordings } from "../../state/recordings";
import { useLocale } from "../context";
import styles from "../pages/page.module.css";
import { classes } from "../ui/classes";
import own from "./recordings.module.css";
import { useRecordingWords } from "./words";

/** Everybody's tracks by themselves, where they were asked for; nothing where they were not. */
export function Tracks({ recordingId, recordings }: { recordingId: string; recordings: Recordings }) {
  const words = useRecordingWords();
  const locale = useLocale();
  const query = useQuery({
    queryKey: ["recording", recordingId, "tracks"],
    queryFn: () => recordings.tracks(recordingId),
  });
  const tracks = query.data ?? [];
  if (tracks.length === 0) return null;
  return (
    <section className={own.tracks} aria-labelledby="tracks">
      <h2 className={own.heading} id="tracks">
        {words.tracks}
      </h2>
      <p className={styles.soft}>{words.tracksText}</p>
      <ul className={styles.list} data-testid="tracks">
        {tracks.map((track) => (
          <li key={track.id} className={styles.row}>
            <div className={styles.rowText}>
              <div className={styles.rowTitle}>
                <span>
                  {track.name} · {words.sources[track.source]}
                </span>
              </div>
              <div className={classes(styles.rowMeta, "tabular")}>
                <span>
                  {words.trackAt({
                    at: clockText(Math.max(0, track.begins_ms)),
                    length: clockText(track.length_ms),
                  })}
                </span>
                <span>{track.codec.toUpperCase()}</span>
                <span>{sizeText(track.size_bytes, locale)}</span>
              </div>
            </div>
            <a
              className={own.save}
              href={savingUrl(track.url)}
              download
              aria-label={words.saveTrackOf({ name: track.name, source: words.sources[track.source] })}
            >
              <Download size={18} aria-hidden />
              {words.saveTrack}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
