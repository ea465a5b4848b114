import { useEffect, useState } from "react";
import type { HubClient, ReactionKind } from "../../state/live/hub";
import { useStore } from "../context";
import styles from "./live.module.css";
import { useLiveWords } from "./words";

const KINDS: readonly (readonly [ReactionKind, string])[] = [
  ["like", "👍"],
  ["heart", "❤️"],
  ["clap", "👏"],
  ["laugh", "😄"],
  ["wow", "😮"],
];
const FLYING_MAX = 12;
const FLIES_MS = 2_000;

/** Five signs to tap; what everybody tapped in the last second flies up. */
export function ReactionBar({ client }: { client: HubClient }) {
  const words = useLiveWords();
  const sums = useStore(client.reactions);
  const [flying, setFlying] = useState<readonly { id: number; sign: string; left: number }[]>([]);
  useEffect(() => {
    const signs = KINDS.flatMap(([kind, sign]) =>
      Array.from({ length: Math.min(4, Math.ceil(Math.log2(1 + (sums[kind] ?? 0)))) }, () => sign),
    );
    if (signs.length === 0) return;
    const born = Date.now();
    const mine = signs.map((sign, index) => ({ id: born + index / 100, sign, left: 8 + Math.random() * 80 }));
    const shown = setTimeout(() => setFlying((before) => [...before, ...mine].slice(-FLYING_MAX)), 0);
    const over = setTimeout(
      () => setFlying((before) => before.filter((one) => !mine.includes(one))),
      FLIES_MS,
    );
    return () => {
      clearTimeout(shown);
      if (signs.length === 0) clearTimeout(over);
    };
  }, [sums]);
  return (
    <div className={styles.reactions} role="group" aria-label={words.react}>
      {KINDS.map(([kind, sign]) => (
        <button
          key={kind}
          type="button"
          className={styles.reaction}
          aria-label={words.reactions[kind]}
          onClick={() => client.react(kind)}
          data-testid={`live-react-${kind}`}
        >
          {sign}
        </button>
      ))}
      <div className={styles.flying} aria-hidden>
        {flying.map((one) => (
          <span key={one.id} style={{ insetInlineStart: `${one.left}%` }}>
            {one.sign}
          </span>
        ))}
      </div>
    </div>
  );
}
