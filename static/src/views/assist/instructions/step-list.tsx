import { CircleAlert, GripVertical } from "lucide-react";
import type { KeyboardEvent } from "react";
import { Button as AriaButton, GridList, GridListItem, useDragAndDrop } from "react-aria-components";
import { expectedText } from "../../../state/assist/checklist-rules";
import {
  stepFaults,
  stepOf,
  type DraftStep,
  type TemplateEditor,
} from "../../../state/assist/template-editor";
import styles from "./instructions.module.css";
import { useInstructionWords } from "./words";

/** The steps in their order: dragged by their handles, or moved with Alt and the arrow keys. */
export function StepList({
  steps,
  selected,
  onSelect,
  editor,
  isChecked,
}: {
  steps: readonly DraftStep[];
  selected: string;
  onSelect: (id: string) => void;
  editor: TemplateEditor;
  isChecked: boolean;
}) {
  const words = useInstructionWords();
  const nameOf = (step: DraftStep) => step.title.trim() || words.untitled;
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ "text/plain": String(key) })),
    onReorder: ({ keys, target }) => {
      if (target.dropPosition === "on") return;
      for (const key of keys) editor.place(String(key), String(target.key), target.dropPosition);
    },
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!event.altKey || by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const index = steps.findIndex(({ id }) => id === selected);
    if (index >= 0) editor.move(selected, index + by);
  };
  return (
    <div onKeyDownCapture={onKeyDown}>
      <GridList
        className={styles.steps ?? ""}
        aria-label={words.title}
        items={steps}
        dependencies={[steps, isChecked, words]}
        dragAndDropHooks={dragAndDropHooks}
        selectionMode="single"
        selectionBehavior="replace"
        disallowEmptySelection
        selectedKeys={selected ? [selected] : []}
        onSelectionChange={(keys) => {
          const key = keys === "all" ? undefined : [...keys][0];
          if (key !== undefined) onSelect(String(key));
        }}
      >
        {(step) => (
          <GridListItem className={styles.step ?? ""} id={step.id} textValue={nameOf(step)}>
            <AriaButton
              slot="drag"
              className={styles.handle ?? ""}
              aria-label={words.drag({ title: nameOf(step) })}
            >
              <GripVertical size={16} aria-hidden />
            </AriaButton>
            <span className={styles.place}>{steps.indexOf(step) + 1}</span>
            <span className={styles.stepText}>
              <span className={step.title.trim() ? styles.stepName : styles.soft}>{nameOf(step)}</span>
              <span className={styles.soft}>
                {[words.kinds[step.kind], expectedText(stepOf(step))].filter(Boolean).join(" · ")}
              </span>
            </span>
            {isChecked && stepFaults(step).size > 0 ? (
              <CircleAlert className={styles.alarm} size={18} aria-label={words.incomplete({ count: 1 })} />
            ) : null}
          </GridListItem>
        )}
      </GridList>
    </div>
  );
}
