import { ArrowDown, ArrowUp, GripVertical, X } from "lucide-react";
import { useState } from "react";
import { agendaOf, movedTo, type Issue, type SymposiumCard } from "../../state/symposiums";
import { Button, IconButton } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./symposiums.module.css";
import type { CardInHand } from "./use-card";
import { useSymposiumWords } from "./words";

/** The issues in the order in which they are talked about.  Who leads moves them by dragging or by buttons. */
export function Agenda({
  card,
  hand,
  onShow,
}: {
  card: SymposiumCard;
  hand: Pick<CardInHand, "api" | "take">;
  /** Live, for who leads: talk about this one. */
  onShow?: (issue: Issue) => void;
}) {
  const words = useSymposiumWords();
  const { symposium } = card;
  const agenda = agendaOf(card);
  const ids = agenda.map((one) => one.id);
  const [former, setFormer] = useState<readonly string[] | null>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const mayChange = card.leads && (symposium.state === "collecting" || symposium.state === "live");
  const change = async (
    wanted: (ids: readonly string[]) => readonly string[],
    undone: readonly string[] | null,
  ): Promise<void> => {
    const went = await hand.take((latest) =>
      hand.api.setAgenda(
        symposium.id,
        latest.symposium.revision,
        wanted(agendaOf(latest).map((one) => one.id)),
      ),
    );
    setFormer(went ? undone : null);
  };
  const move = (id: string, to: number): void => void change((now) => movedTo(now, now.indexOf(id), to), ids);
  return (
    <section className={styles.section} aria-label={words.agenda}>
      <h2>{words.agenda}</h2>
      {agenda.length === 0 ? (
        <p className={styles.soft}>{mayChange ? words.agendaEmpty : words.agendaNone}</p>
      ) : (
        <ol className={styles.agenda} data-testid="agenda">
          {agenda.map((issue, at) => {
            const { title } = issue;
            const isNow = issue.id === symposium.current_issue_id;
            const mark = isNow ? "now" : issue.state === "agenda" ? "agenda" : "discussed";
            return (
              <li
                key={issue.id}
                className={classes(styles.place, over === at && dragged !== issue.id && styles.placeOver)}
                data-testid="agenda-item"
                {...(isNow ? { "data-now": true, "aria-current": "step" as const } : {})}
                onDragOver={(event) => {
                  if (dragged === null) return;
                  event.preventDefault();
                  setOver(at);
                }}
                onDrop={(event) => {
                  event.preventDefault();
                  if (dragged !== null && dragged !== issue.id) move(dragged, at);
                  setDragged(null);
                  setOver(null);
                }}
              >
                {mayChange ? (
                  <span
                    className={styles.grip}
                    draggable
                    title={words.drag({ title })}
                    data-testid="agenda-grip"
                    onDragStart={(event) => {
                      event.dataTransfer.effectAllowed = "move";
                      event.dataTransfer.setData("text/plain", title);
                      setDragged(issue.id);
                    }}
                    onDragEnd={() => {
                      setDragged(null);
                      setOver(null);
                    }}
                  >
                    <GripVertical size={16} aria-hidden />
                  </span>
                ) : null}
                <span className={styles.placeNumber}>{at + 1}</span>
                <span className={styles.placeText}>
                  {onShow && !isNow ? (
                    <button
                      type="button"
                      className={styles.placeName}
                      onClick={() => onShow(issue)}
                      data-testid="talk-about"
                    >
                      {title}
                    </button>
                  ) : (
                    <span>{title}</span>
                  )}
                  {symposium.state === "collecting" ? null : (
                    <span className={styles.mark} data-mark={mark}>
                      {words.marks[mark]}
                    </span>
                  )}
                </span>
                {mayChange ? (
                  <span className={styles.placeTools}>
                    <IconButton
                      name={words.up({ title })}
                      isDisabled={at === 0}
                      onPress={() => move(issue.id, at - 1)}
                      testId="agenda-up"
                    >
                      <ArrowUp size={16} aria-hidden />
                    </IconButton>
                    <IconButton
                      name={words.down({ title })}
                      isDisabled={at === agenda.length - 1}
                      onPress={() => move(issue.id, at + 1)}
                    >
                      <ArrowDown size={16} aria-hidden />
                    </IconButton>
                    <IconButton
                      name={words.offAgenda({ title })}
                      isDisabled={isNow || issue.state !== "agenda"}
                      onPress={() => void change((now) => now.filter((one) => one !== issue.id), ids)}
                    >
                      <X size={16} aria-hidden />
                    </IconButton>
                  </span>
                ) : null}
              </li>
            );
          })}
        </ol>
      )}
      {former !== null && mayChange ? (
        <p className={styles.undo} role="status">
          {words.changed}
          <Button tone="quiet" onPress={() => void change(() => former, null)} testId="undo-agenda">
            {words.undo}
          </Button>
        </p>
      ) : null}
    </section>
  );
}
