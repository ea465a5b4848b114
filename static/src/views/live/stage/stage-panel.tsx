import { X } from "lucide-react";
import { lazy, Suspense } from "react";
import { IconButton } from "../../ui/button";
import panel from "../../room/panel.module.css";
import { PeopleOnStage } from "./people-section";
import { RunList } from "./run-list";
import { SlidesSection } from "./slides-section";
import { CountdownSection } from "./countdown-section";
import { useStage } from "./stage-context";
import { useStageWords } from "./words";

// The audience's hands, questions and chat, for who keeps order among them.
const Moderation = lazy(() =>
  import("../moderation-panel").then((module) => ({ default: module.ModerationPanel })),
);

/** Who is on stage, what comes when, what is shown. */
export function StagePanel({ onClose }: { onClose: () => void }) {
  const { directs, isOn, stage } = useStage();
  const words = useStageWords();
  return (
    <aside className={panel.panel} aria-label={words.panel} data-testid="stage-panel">
      <div className={panel.head}>
        <h2>{words.panel}</h2>
        <IconButton name={words.close} onPress={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </div>
      <div className={panel.scroll}>
        <PeopleOnStage />
        {directs && stage.phase === "rehearsal" ? <CountdownSection /> : null}
        {stage.phase !== "ended" && (directs || isOn) ? <SlidesSection /> : null}
        <RunList />
        {directs ? (
          <Suspense fallback={null}>
            <Moderation livestreamId={stage.livestream_id} />
          </Suspense>
        ) : null}
      </div>
    </aside>
  );
}
