import { Captions as CaptionsSign } from "lucide-react";
import { useMemo, useState } from "react";
import { captionsAt } from "../../state/live/captions";
import type { SpokenLine } from "../../state/live/hub";
import { Livestreams } from "../../state/live/livestreams";
import { useApp, useStore } from "../context";
import { ToggleIconButton } from "../ui/button";
import styles from "./captions.module.css";
import { usePlayerWords } from "./player-words";
import { useOwnHub, useTick } from "./use-hub";

const KEY = "tongxin.live.captions";
const LOOK_EVERY_MS = 250;

/** Whether this person reads captions: remembered on this device. */
export function useReading(): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => window.localStorage.getItem(KEY) === "on");
  return [
    on,
    (chosen) => {
      window.localStorage.setItem(KEY, chosen ? "on" : "off");
      setOn(chosen);
    },
  ];
}

export function CaptionsButton({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  const words = usePlayerWords();
  return (
    <ToggleIconButton name={words.captions} isSelected={on} onChange={onChange} testId="player-captions">
      <CaptionsSign aria-hidden />
    </ToggleIconButton>
  );
}

/** What is being said, over the picture.  `atMs` tells the time of what is seen. */
export function CaptionLines({ spoken, atMs }: { spoken: readonly SpokenLine[]; atMs: () => number }) {
  useTick(LOOK_EVERY_MS);
  const shown = captionsAt(spoken, atMs());
  if (shown.length === 0) return null;
  return (
    <div className={styles.lines} data-testid="captions">
      {shown.map((line, index) => (
        <p key={line.id} className={styles.line}>
          {line.speaker && shown[index - 1]?.speaker !== line.speaker ? (
            <span className={styles.speaker}>{line.speaker}</span>
          ) : null}
          {line.text}
        </p>
      ))}
    </div>
  );
}

/** On the stage, where there is no player: over the pictures of the others, with its switch. */
export function StageCaptions({ spoken }: { spoken: readonly SpokenLine[] }) {
  const [on, setOn] = useReading();
  if (spoken.length === 0) return null;
  return (
    <div className={styles.onStage}>
      {on ? <CaptionLines spoken={spoken} atMs={Date.now} /> : null}
      <div className={styles.switch}>
        <CaptionsButton on={on} onChange={setOn} />
      </div>
    </div>
  );
}

/** The same with a socket of its own, for who is behind the stage. */
export function StageCaptionsOf({ livestreamId }: { livestreamId: string }) {
  const { api } = useApp();
  const livestreams = useMemo(() => new Livestreams(api), [api]);
  const client = useOwnHub(livestreamId, livestreams);
  return <StageCaptions spoken={useStore(client.view).spoken} />;
}
