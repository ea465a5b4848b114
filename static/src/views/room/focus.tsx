import type { StageItem } from "../../state/stage";
import { useText } from "../context";
import styles from "./stage.module.css";
import { Tile } from "./tile";

/** Whoever speaks is brought to the front of the strip: nobody scrolls through three hundred. */
const STRIP_MAX = 30;

/** One large, the others in a strip. */
export function Focus({
  main,
  strip,
  me,
  wide,
}: {
  main: StageItem;
  strip: readonly StageItem[];
  me: string;
  wide: boolean;
}) {
  const text = useText();
  const shown = strip.slice(0, STRIP_MAX);
  return (
    <div className={styles.focus} data-wide={wide || undefined}>
      <div className={styles.main}>
        <Tile
          key={main.key}
          participant={main.participant}
          source={main.source}
          isMe={main.participant.id === me}
          canPin
        />
      </div>
      {shown.length > 0 ? (
        // A region that scrolls must be reachable with the keyboard.
        <div className={styles.strip} role="group" aria-label={text.people.title} tabIndex={0}>
          {shown.map((entry) => (
            <Tile
              key={entry.key}
              participant={entry.participant}
              source={entry.source}
              isMe={entry.participant.id === me}
              canPin
            />
          ))}
          {strip.length > shown.length ? (
            <p className={styles.moreTile}>{text.stage.others({ count: strip.length - shown.length })}</p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
