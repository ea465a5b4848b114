import {
  BadgeCheck,
  BookOpen,
  Eye,
  EyeOff,
  History,
  Image as ImageIcon,
  PenLine,
  Trash2,
  X,
} from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, Input, TextField } from "react-aria-components";
import { MARK_TEXT_MAX_CHARS, type DocumentRegion, type Mark, type RoomView } from "../../../protocol.gen";
import type { Documents } from "../../../state/assist/documents";
import { latestFirst, layersOf } from "../../../state/assist/marks";
import { useLocale, useStore } from "../../context";
import { Button, IconButton } from "../../ui/button";
import type { Question } from "../../ui/dialog";
import { useMeeting } from "../../room/room-context";
import { RegionName } from "../documents/region-name";
import { useDesk } from "./desk-context";
import styles from "./expert.module.css";
import { PhotoStrip } from "./photos";
import { useExpertText } from "./words";

/** All marks of the session, the latest first, with what the phone says of each. */
export function MarksPanel({
  view,
  mayDraw,
  onStill,
  documents,
  onRegion,
  ask,
  onClose,
}: {
  view: RoomView;
  mayDraw: boolean;
  onStill: (markId: string) => void;
  documents: Documents | null;
  onRegion: (region: DocumentRegion) => void;
  ask: (question: Question) => void;
  onClose: () => void;
}) {
  const { desk } = useDesk();
  const meeting = useMeeting();
  const text = useExpertText();
  const me = useStore(meeting.me);
  const hidden = useStore(desk.marks.hidden);
  const marks = latestFirst(view);
  const layers = layersOf(view, hidden, me);
  const own = marks.filter((mark) => mark.author_id === me).length;
  return (
    <aside className={styles.panel} aria-label={text.marks.title} data-testid="marks-panel">
      <header className={styles.panelHead}>
        <h2>{text.marks.title}</h2>
        {marks.length > 0 ? (
          <span className={styles.soft}>{text.marks.count({ count: marks.length })}</span>
        ) : null}
        <span className={styles.spring} />
        <span className={styles.closePanel}>
          <IconButton name={text.marks.close} onPress={onClose}>
            <X size={18} aria-hidden />
          </IconButton>
        </span>
      </header>
      {layers.length > 1 ? (
        <ul className={styles.layers} aria-label={text.marks.layers}>
          {layers.map((layer) => (
            <li key={layer.authorId}>
              <AriaButton
                className={styles.layer ?? ""}
                aria-pressed={!layer.isHidden}
                onPress={() => desk.marks.setHidden(layer.authorId, !layer.isHidden)}
              >
                {layer.isHidden ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
                <span>
                  {layer.authorId === "" ? text.marks.earlierLayer : layer.name}
                  {layer.isOwn
                    ? ` (${text.marks.you})`
                    : layer.isHere || layer.authorId === ""
                      ? ""
                      : ` (${text.marks.left})`}
                </span>
                <span className="tabular">{layer.count}</span>
              </AriaButton>
            </li>
          ))}
        </ul>
      ) : null}
      {marks.length === 0 ? (
        <div className={styles.noMarks}>
          <PenLine size={28} aria-hidden />
          <h3>{text.marks.emptyTitle}</h3>
          <p>{mayDraw ? text.marks.emptyText : text.marks.emptyWatching}</p>
        </div>
      ) : (
        <ol className={styles.marks}>
          {marks.map((mark) => (
            <MarkRow
              key={mark.id}
              mark={mark}
              isHidden={hidden.has(mark.author_id)}
              onStill={onStill}
              documents={documents}
              onRegion={onRegion}
              onRemove={() => {
                const remove = () => void desk.marks.remove(mark.id);
                // One's own come back by undo.
                if (mark.author_id === me) remove();
                else
                  ask({
                    title: text.marks.removeTitle,
                    text: text.marks.removeText({ name: mark.author_name }),
                    action: text.marks.remove,
                    run: remove,
                  });
              }}
            />
          ))}
        </ol>
      )}
      <PhotoStrip />
      {own > 1 ? (
        <footer className={styles.panelFoot}>
          <Button
            tone="quiet"
            onPress={() =>
              ask({
                title: text.marks.clearTitle,
                text: text.marks.clearText({ count: own }),
                action: text.marks.clear,
                run: () => void desk.marks.clear(),
              })
            }
          >
            {text.marks.clear}
          </Button>
        </footer>
      ) : null}
    </aside>
  );
}

function MarkRow({
  mark,
  isHidden,
  onStill,
  documents,
  onRegion,
  onRemove,
}: {
  mark: Mark;
  isHidden: boolean;
  onStill: (markId: string) => void;
  documents: Documents | null;
  onRegion: (region: DocumentRegion) => void;
  onRemove: () => void;
}) {
  const { desk } = useDesk();
  const text = useExpertText();
  const selected = useStore(desk.marks.selected) === mark.id;
  const day = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium" });
  const [editing, setEditing] = useState(false);
  const mayTouch = desk.marks.mayTouch(mark);
  const { region } = mark;
  const title = [mark.number > 0 ? String(mark.number) : "", mark.text].filter(Boolean).join(" · ");
  return (
    <li
      className={styles.mark}
      data-selected={selected || undefined}
      data-hidden={isHidden || undefined}
      data-state={mark.state}
      data-testid="mark"
    >
      <AriaButton
        className={styles.thumb ?? ""}
        aria-label={text.marks.openStill}
        onPress={() => {
          desk.marks.selected.set(mark.id);
          onStill(mark.id);
        }}
      >
        <Thumbnail mark={mark} />
      </AriaButton>
      <div className={styles.markText}>
        {editing ? (
          <Rewording mark={mark} onDone={() => setEditing(false)} />
        ) : (
          <p className={styles.markTitle}>
            <span className={styles.colorDot} data-color={mark.color} aria-hidden />
            {title || text.marks.kinds[mark.kind]}
          </p>
        )}
        <p className={styles.markBy}>{mark.author_name}</p>
        {region && documents ? (
          <AriaButton className={styles.linked ?? ""} data-testid="linked" onPress={() => onRegion(region)}>
            <BookOpen size={14} aria-hidden />
            <RegionName documents={documents} region={region} />
          </AriaButton>
        ) : null}
        {mark.earlier_at_ms > 0 ? (
          <p className={styles.earlier} data-testid="earlier">
            <History size={12} aria-hidden />
            {text.marks.earlier({ date: day.format(mark.earlier_at_ms) })}
          </p>
        ) : null}
        <p className={styles.markState}>
          <span className={styles.stateDot} aria-hidden />
          {text.marks.states[mark.state]}
          {mark.confirmed_at_ms > 0 ? (
            <span className={styles.confirmed}>
              <BadgeCheck size={14} aria-hidden />
              {text.marks.confirmed}
            </span>
          ) : null}
        </p>
      </div>
      {mayTouch ? (
        <div className={styles.markActions}>
          <IconButton name={text.marks.edit} onPress={() => setEditing(!editing)}>
            <PenLine size={16} aria-hidden />
          </IconButton>
          <IconButton name={text.marks.remove} onPress={onRemove} testId="remove-mark">
            <Trash2 size={16} aria-hidden />
          </IconButton>
        </div>
      ) : null}
    </li>
  );
}

function Thumbnail({ mark }: { mark: Mark }) {
  const snapshot = useStore(useDesk().live.snapshots).get(mark.id);
  if (!snapshot) return <ImageIcon size={18} aria-hidden />;
  const { x, y, width } = snapshot.crop;
  const share = (offset: number): string => `${(offset / (1 - width)) * 100}%`;
  return (
    <span
      className={styles.thumbPicture}
      style={{
        backgroundImage: `url(${snapshot.url})`,
        backgroundSize: `${100 / width}% ${100 / width}%`,
        backgroundPosition: `${share(x)} ${share(y)}`,
      }}
    />
  );
}

function Rewording({ mark, onDone }: { mark: Mark; onDone: () => void }) {
  const { desk } = useDesk();
  const text = useExpertText();
  const [words, setWords] = useState(mark.text);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (words.trim() !== mark.text) void desk.marks.change(mark.id, { text: words.trim() });
        onDone();
      }}
    >
      <TextField
        aria-label={text.marks.edit}
        value={words}
        onChange={setWords}
        maxLength={MARK_TEXT_MAX_CHARS}
        autoFocus
        onKeyDown={(event) => {
          if (event.key === "Escape") onDone();
        }}
      >
        <Input className={styles.wordsInput ?? ""} placeholder={text.stage.write} />
      </TextField>
    </form>
  );
}
