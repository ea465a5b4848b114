import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, GripVertical, Trash2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { faultsUnder, moved, replaced, without } from "../../../state/requests/builder";
import { IconButton } from "../../ui/button";
import { classes } from "../../ui/classes";
import styles from "./builder.module.css";
import { useTypeWords } from "./words";

/** Things in an order, moved by dragging or by buttons, each opened to be written on. */
export function ListEditor<T>({
  items,
  path,
  faults,
  nameOf,
  noteOf,
  canRemove,
  onChange,
  children,
  add,
}: {
  items: readonly T[];
  /** Of the list in the definition: `fields`. */
  path: string;
  faults: Readonly<Record<string, string>>;
  nameOf: (item: T) => string;
  noteOf?: (item: T) => string;
  canRemove?: boolean;
  onChange: (items: readonly T[]) => void;
  children: (
    item: T,
    at: number,
    change: (item: T) => void,
    faults: Readonly<Record<string, string>>,
  ) => ReactNode;
  /** What adds one; it is told to open what it added. */
  add: (open: (at: number) => void) => ReactNode;
}) {
  const words = useTypeWords();
  const [open, setOpen] = useState<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const move = (from: number, to: number): void => {
    onChange(moved(items, from, to));
    if (open === from) setOpen(to);
    else if (open !== null && open !== from) {
      if (from < open && to >= open) setOpen(open - 1);
      else if (from > open && to <= open) setOpen(open + 1);
    }
  };
  return (
    <div className={styles.list}>
      <ol>
        {items.map((item, at) => {
          const name = nameOf(item) || words.unnamed({ number: at + 1 });
          const inside = faultsUnder(faults, `${path}.${at}`);
          const isWrong = Object.keys(inside).length > 0;
          return (
            <li
              key={at}
              className={classes(styles.item, over === at && dragged !== at && styles.itemOver)}
              data-wrong={isWrong || undefined}
              data-testid={`${path}-item`}
              onDragOver={(event) => {
                if (dragged === null) return;
                event.preventDefault();
                setOver(at);
              }}
              onDrop={(event) => {
                event.preventDefault();
                if (dragged !== null) move(dragged, at);
                setDragged(null);
                setOver(null);
              }}
            >
              <div className={styles.itemHead}>
                <span
                  className={styles.grip}
                  draggable
                  title={words.drag({ name })}
                  onDragStart={(event) => {
                    event.dataTransfer.effectAllowed = "move";
                    event.dataTransfer.setData("text/plain", name);
                    setDragged(at);
                  }}
                  onDragEnd={() => {
                    setDragged(null);
                    setOver(null);
                  }}
                >
                  <GripVertical size={16} aria-hidden />
                </span>
                <button
                  type="button"
                  className={styles.itemName}
                  aria-expanded={open === at}
                  onClick={() => setOpen(open === at ? null : at)}
                >
                  {open === at ? (
                    <ChevronDown size={16} aria-hidden />
                  ) : (
                    <ChevronRight size={16} aria-hidden />
                  )}
                  <span>{name}</span>
                  {noteOf ? <span className={styles.note}>{noteOf(item)}</span> : null}
                </button>
                <IconButton
                  name={words.move.up({ name })}
                  isDisabled={at === 0}
                  onPress={() => move(at, at - 1)}
                >
                  <ArrowUp size={16} aria-hidden />
                </IconButton>
                <IconButton
                  name={words.move.down({ name })}
                  isDisabled={at === items.length - 1}
                  onPress={() => move(at, at + 1)}
                >
                  <ArrowDown size={16} aria-hidden />
                </IconButton>
                <IconButton
                  name={words.remove({ name })}
                  isDisabled={canRemove === false}
                  onPress={() => {
                    setOpen(null);
                    onChange(without(items, at));
                  }}
                >
                  <Trash2 size={16} aria-hidden />
                </IconButton>
              </div>
              {open === at ? (
                <div className={styles.itemBody}>
                  {children(item, at, (next) => onChange(replaced(items, at, next)), inside)}
                </div>
              ) : null}
            </li>
          );
        })}
      </ol>
      {add(setOpen)}
    </div>
  );
}
