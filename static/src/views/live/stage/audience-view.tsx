import type { Participant } from "../../../protocol.gen";
import { shownPositions, type ShownPosition } from "../../../state/live/stage-model";
import { Tile } from "../../room/tile";
import { useStage } from "./stage-context";
import styles from "./stage.module.css";
import { useStageWords } from "./words";

/** The stage as the audience gets it: the same pictures in the same places, with their name plates. */
export function AudienceView() {
  const { view, stage, me } = useStage();
  const words = useStageWords();
  const positions = shownPositions(view, stage);
  const isNothing = stage.phase === "ended" || positions.length === 0;
  return (
    <section className={styles.audience} aria-label={words.preview} data-testid="audience-view">
      <p className={styles.audienceNote}>
        {stage.phase === "rehearsal" ? words.previewRehearsal : words.preview}
      </p>
      {isNothing ? (
        <p className={styles.nothing}>{words.previewNothing}</p>
      ) : (
        <div
          className={styles.scene}
          data-layout={positions.length === 1 ? "solo" : stage.layout}
          data-count={positions.length}
        >
          {positions.map((position, index) => (
            <Shown
              key={`${position.participantId}-${position.place}`}
              position={position}
              index={index}
              person={view.participants[position.participantId]}
              isMe={position.participantId === me}
            />
          ))}
        </div>
      )}
    </section>
  );
}

function Shown({
  position,
  index,
  person,
  isMe,
}: {
  position: ShownPosition;
  index: number;
  person: Participant | undefined;
  isMe: boolean;
}) {
  const { stage } = useStage();
  if (!person) return null;
  const plate = stage.names[person.id];
  return (
    <div className={styles.shown} data-index={index} data-testid="shown" data-place={position.place}>
      <Tile participant={person} source={position.place} isMe={isMe} contain={position.place === "screen"} />
      {plate?.shown && position.place === "camera" ? (
        <div className={styles.plate}>
          <strong>{plate.name}</strong>
          {plate.line ? <span>{plate.line}</span> : null}
        </div>
      ) : null}
    </div>
  );
}
