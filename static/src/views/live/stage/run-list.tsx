import { Pencil, Play, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { RUN_ITEMS_MAX, RUN_TEXT_MAX_CHARS, type RunItem } from "../../../protocol.gen";
import { Button, IconButton } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { TextField } from "../../ui/fields";
import { useStage } from "./stage-context";
import styles from "./stage.module.css";
import { useStageWords } from "./words";

const MINUTES_MAX = 600;
const NEW_MINUTES = 5;

export function RunList() {
  const { stage, desk, directs } = useStage();
  const words = useStageWords();
  const [isEditing, setEditing] = useState(false);
  return (
    <section className={styles.section} data-testid="run-list">
      <h3 className={styles.headRow}>
        <span>{words.run}</span>
        {directs && stage.phase !== "ended" ? (
          <IconButton name={words.editRun} testId="edit-run" onPress={() => setEditing(true)}>
            <Pencil size={16} aria-hidden />
          </IconButton>
        ) : null}
      </h3>
      {stage.run.length === 0 ? <p className={styles.soft}>{words.runEmpty}</p> : null}
      <ol className={styles.run}>
        {stage.run.map((item) => (
          <li key={item.id} className={styles.runItem} data-on={item.id === stage.item_id || undefined}>
            <span className={styles.who}>
              <span className={styles.whoName}>{item.title}</span>
              <span className={styles.soft}>
                {[item.who, item.minutes ? words.minutes({ minutes: item.minutes }) : ""]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </span>
            {directs && stage.phase !== "ended" && item.id !== stage.item_id ? (
              <IconButton
                name={words.takeName({ title: item.title })}
                onPress={() => void desk.take(item.id)}
              >
                <Play size={16} aria-hidden />
              </IconButton>
            ) : null}
          </li>
        ))}
      </ol>
      {isEditing ? <RunDialog items={stage.run} onClose={() => setEditing(false)} /> : null}
    </section>
  );
}

function newItem(): RunItem {
  const id = Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36)).join("");
  return { id: id.padEnd(8, "0").slice(0, 32), title: "", who: "", minutes: NEW_MINUTES };
}

function RunDialog({ items, onClose }: { items: readonly RunItem[]; onClose: () => void }) {
  const { desk } = useStage();
  const words = useStageWords();
  const [list, setList] = useState<readonly RunItem[]>(items.length > 0 ? items : [newItem()]);
  const change = (id: string, part: Partial<RunItem>): void =>
    setList((before) => before.map((item) => (item.id === id ? { ...item, ...part } : item)));
  return (
    <Dialog title={words.run} isOpen wide onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void desk.plan(list.filter((item) => item.title.trim() !== ""));
          onClose();
        }}
      >
        <ol className={styles.runEdit}>
          {list.map((item) => (
            <li key={item.id}>
              <TextField
                label={words.item}
                value={item.title}
                maxLength={RUN_TEXT_MAX_CHARS}
                onChange={(title) => change(item.id, { title })}
              />
              <TextField
                label={words.who}
                value={item.who}
                maxLength={RUN_TEXT_MAX_CHARS}
                onChange={(who) => change(item.id, { who })}
              />
              <TextField
                label={words.lasts}
                value={String(item.minutes)}
                maxLength={3}
                onChange={(raw) =>
                  change(item.id, { minutes: Math.min(MINUTES_MAX, Number(raw.replace(/\D/g, ""))) })
                }
              />
              <IconButton
                name={words.removeItem({ title: item.title })}
                onPress={() => setList((before) => before.filter((other) => other.id !== item.id))}
              >
                <Trash2 size={16} aria-hidden />
              </IconButton>
            </li>
          ))}
        </ol>
        <DialogActions>
          <Button
            isDisabled={list.length >= RUN_ITEMS_MAX}
            onPress={() => setList((before) => [...before, newItem()])}
          >
            <Plus size={16} aria-hidden />
            {words.addItem}
          </Button>
          <Button type="submit" tone="primary" testId="save-run">
            {words.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
