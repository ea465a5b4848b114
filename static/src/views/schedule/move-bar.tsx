import type { Move, Moves } from "../../state/schedule/moves";
import { useLocale } from "../context";
import { Button } from "../ui/button";
import styles from "./calendar.module.css";
import { useScheduleWords, whenText } from "./words";

/** What was moved where, while it can be taken back. */
export function MoveBar({ move, moves, zone }: { move: Move; moves: Moves; zone: string }) {
  const words = useScheduleWords();
  const locale = useLocale();
  const when = whenText(move.starts_at_ms, move.ends_at_ms, zone, locale);
  const pending = move.state === "pending";
  return (
    <div className={styles.moveBar} role="status" data-testid="move-bar">
      <span className={styles.moveText}>
        <strong>{words.moved({ title: move.occurrence.title, when })}</strong>
        <span>{pending ? words.movedNote : words.saving}</span>
      </span>
      {move.occurrence.rrule && pending ? (
        <span className={styles.moveScopes} role="group" aria-label={words.scope}>
          {(["one", "following"] as const).map((scope) => (
            <button
              key={scope}
              type="button"
              aria-pressed={move.scope === scope}
              onClick={() => moves.choose(scope)}
            >
              {words.scopes[scope]}
            </button>
          ))}
        </span>
      ) : null}
      {pending ? (
        <span className={styles.moveActions}>
          <Button onPress={() => moves.undo()} testId="undo-move">
            {words.undo}
          </Button>
          <Button tone="primary" onPress={() => void moves.save()} testId="save-move">
            {words.saveNow}
          </Button>
        </span>
      ) : null}
    </div>
  );
}
