import {
  Columns2,
  Eye,
  EyeOff,
  PictureInPicture2,
  Presentation,
  RadioTower,
  Square,
  User,
} from "lucide-react";
import type { ReactNode } from "react";
import { LAYOUTS, type Layout } from "../../../protocol.gen";
import { clockText } from "../../../i18n/language";
import { focusOf, leftMs } from "../../../state/live/stage-model";
import { useLocale } from "../../context";
import { useNow } from "../../room/use-now";
import { Button, ToggleIconButton } from "../../ui/button";
import type { Question } from "../../ui/dialog";
import { useStage } from "./stage-context";
import styles from "./stage.module.css";
import { useStageWords } from "./words";

const TICK_MS = 500;

const ICONS: Readonly<Record<Layout, ReactNode>> = {
  solo: <User size={18} aria-hidden />,
  side_by_side: <Columns2 size={18} aria-hidden />,
  picture_in_picture: <PictureInPicture2 size={18} aria-hidden />,
  slides: <Presentation size={18} aria-hidden />,
};

/** What the stage is doing, its times, its layout, and the two buttons that matter most. */
export function StageBar({
  ask,
  isPreview,
  onPreview,
}: {
  ask: (question: Question) => void;
  isPreview: boolean;
  onPreview: (on: boolean) => void;
}) {
  const { view, stage, directs, isOn, desk } = useStage();
  const words = useStageWords();
  const locale = useLocale();
  const names = new Intl.ListFormat(locale).format(
    stage.on_stage.map((id) => view.participants[id]?.name ?? ""),
  );
  return (
    <header className={styles.bar}>
      <div className={styles.barInfo}>
        <h1 className={styles.title}>{view.title}</h1>
        <Times />
      </div>
      {directs ? (
        <div className={styles.layouts} role="group" aria-label={words.layout}>
          {LAYOUTS.map((layout) => (
            <ToggleIconButton
              key={layout}
              name={words.layouts[layout]}
              isSelected={stage.layout === layout}
              onChange={() => void desk.arrange(layout, focusOf(stage))}
              testId={`layout-${layout}`}
            >
              {ICONS[layout]}
            </ToggleIconButton>
          ))}
        </div>
      ) : null}
      <div className={styles.barActions}>
        <span className={styles.place} data-on={isOn || undefined} data-testid="my-place">
          {isOn ? words.youAreOn : words.youAreBehind}
        </span>
        <ToggleIconButton name={words.preview} isSelected={isPreview} onChange={onPreview} testId="preview">
          {isPreview ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
        </ToggleIconButton>
        {directs && stage.phase === "rehearsal" ? (
          <Button
            tone="primary"
            testId="go-live"
            isDisabled={stage.on_stage.length === 0}
            onPress={() =>
              ask({
                title: words.goLiveTitle,
                text: words.goLiveText({ names }),
                action: words.goLive,
                run: () => void desk.goLive(),
              })
            }
          >
            <RadioTower size={18} aria-hidden />
            {words.goLive}
          </Button>
        ) : directs && stage.phase === "live" ? (
          <Button
            tone="danger"
            testId="end-live"
            onPress={() =>
              ask({
                title: words.endTitle,
                text: words.endText,
                action: words.endAction,
                run: () => void desk.end(),
              })
            }
          >
            <Square size={16} aria-hidden />
            {words.end}
          </Button>
        ) : null}
      </div>
    </header>
  );
}

function Times() {
  const { stage } = useStage();
  const words = useStageWords();
  const now = useNow(TICK_MS);
  const left = leftMs(stage, now);
  const item = stage.run.find((other) => other.id === stage.item_id);
  return (
    <div className={styles.times}>
      <span
        className={styles.phase}
        data-phase={stage.phase}
        data-testid="stage-phase"
        title={words.phaseText[stage.phase]}
      >
        {words.phase[stage.phase]}
        {stage.phase === "live" ? ` ${clockText(Math.max(0, now - stage.live_at_ms))}` : ""}
      </span>
      {stage.countdown_ends_at_ms > 0 ? (
        <span className={styles.count} data-testid="countdown">
          {words.startsIn({ time: clockText(Math.max(0, stage.countdown_ends_at_ms - now)) })}
        </span>
      ) : null}
      {item ? (
        <span className={styles.item} data-over={(left !== null && left < 0) || undefined}>
          {item.title}
          {left === null
            ? ""
            : ` · ${left >= 0 ? words.left({ time: clockText(left) }) : words.over({ time: clockText(-left) })}`}
        </span>
      ) : null}
    </div>
  );
}
