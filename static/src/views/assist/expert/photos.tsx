import { ChevronLeft, ChevronRight, LoaderCircle, X } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { Button as AriaButton } from "react-aria-components";
import { photoMarks, type ShownPhoto } from "../../../state/assist/photos";
import { useLocale, useStore } from "../../context";
import { IconButton } from "../../ui/button";
import { useDesk } from "./desk-context";
import { DrawnPicture } from "./drawn-picture";
import styles from "./expert.module.css";
import { timeOf } from "./time-of";
import { useExpertText } from "./words";

/** A photo that has just come, in a corner of the picture until it is opened or put aside. */
export function FreshPhoto() {
  const { photos } = useDesk();
  const text = useExpertText().photos;
  const photo = useStore(photos.fresh);
  if (!photo) return null;
  return (
    <div className={styles.freshPhoto} role="status" data-testid="photo">
      <AriaButton
        className={styles.freshOpen ?? ""}
        onPress={() => photos.open(photo.id)}
        data-testid="open-photo"
      >
        <Picture photo={photo} />
        <span className={styles.freshWords}>
          <strong>{text.fresh}</strong>
          <span className={styles.soft}>
            {photo.name} · {timeOf(photo.taken_at_ms)}
          </span>
        </span>
      </AriaButton>
      <IconButton name={text.putAside} onPress={() => photos.putAside()}>
        <X size={18} aria-hidden />
      </IconButton>
    </div>
  );
}

/** All photos of the session, the newest first. */
export function PhotoStrip() {
  const { photos } = useDesk();
  const text = useExpertText().photos;
  const locale = useLocale();
  const all = useStore(photos.all);
  const opened = useStore(photos.opened);
  if (all.length === 0) return null;
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  return (
    <section className={styles.strip} aria-label={text.title} data-testid="photo-strip">
      <h3>
        {text.title} <span className={styles.soft}>{text.count({ count: all.length })}</span>
      </h3>
      <ul>
        {all.map((photo) => (
          <li key={photo.id}>
            <AriaButton
              className={styles.thumb ?? ""}
              aria-label={text.open({ name: photo.name, time: time.format(photo.taken_at_ms) })}
              aria-pressed={opened?.id === photo.id}
              onPress={() => photos.open(photo.id)}
            >
              <Picture photo={photo} />
            </AriaButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One photo over the live picture, with what was drawn on it; the arrow keys turn to the others. */
export function PhotoView() {
  const { photos } = useDesk();
  const text = useExpertText().photos;
  const all = useStore(photos.all);
  const photo = useStore(photos.opened);
  const figure = useRef<HTMLElement>(null);
  const isOpen = photo !== null;
  useEffect(() => {
    if (isOpen) figure.current?.focus();
  }, [isOpen]);
  const marks = useMemo(() => (photo ? photoMarks(photo) : []), [photo]);
  if (!photo) return null;
  const at = all.findIndex(({ id }) => id === photo.id);
  return (
    <figure
      ref={figure}
      className={styles.still}
      tabIndex={-1}
      data-testid="photo-view"
      onKeyDown={(event) => {
        const act = {
          Escape: () => photos.shut(),
          ArrowLeft: () => photos.step(-1),
          ArrowRight: () => photos.step(1),
        }[event.key];
        if (!act) return;
        event.stopPropagation();
        act();
      }}
    >
      {photo.src ? <DrawnPicture src={photo.src} marks={marks} /> : <Coming words={text.coming} />}
      <figcaption className={styles.stillPlate}>
        {all.length > 1 ? (
          <>
            <IconButton name={text.newer} isDisabled={at <= 0} onPress={() => photos.step(-1)}>
              <ChevronLeft size={18} aria-hidden />
            </IconButton>
            <span className="tabular">
              {at + 1} / {all.length}
            </span>
            <IconButton name={text.older} isDisabled={at >= all.length - 1} onPress={() => photos.step(1)}>
              <ChevronRight size={18} aria-hidden />
            </IconButton>
          </>
        ) : null}
        <span>{text.of({ name: photo.name, time: timeOf(photo.taken_at_ms) })}</span>
        <IconButton name={text.back} onPress={() => photos.shut()} testId="close-photo">
          <X size={18} aria-hidden />
        </IconButton>
      </figcaption>
    </figure>
  );
}

function Picture({ photo }: { photo: ShownPhoto }) {
  return (
    <span
      className={styles.thumbPicture}
      style={photo.smallSrc ? { backgroundImage: `url("${photo.smallSrc}")`, backgroundSize: "cover" } : {}}
      data-testid={photo.smallSrc ? "photo-picture" : undefined}
    />
  );
}

function Coming({ words }: { words: string }) {
  return (
    <p role="status">
      <LoaderCircle size={18} aria-hidden /> {words}…
    </p>
  );
}
