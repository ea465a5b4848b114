import { X } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Mark } from "../../../protocol.gen";
import { drawMarks } from "../../../state/assist/overlay";
import { useStore } from "../../context";
import { IconButton } from "../../ui/button";
import { useDesk } from "./desk-context";
import styles from "./expert.module.css";
import { paletteOf } from "./stage";
import { useExpertText } from "./words";

/** The frame that a mark was drawn on, over the live picture. */
export function StillView({ mark, onClose }: { mark: Mark; onClose: () => void }) {
  const { live } = useDesk();
  const text = useExpertText();
  const snapshot = useStore(live.snapshots).get(mark.id);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext("2d");
    if (!element || !pen || !snapshot) return;
    let gone = false;
    const image = new Image();
    image.onload = () => {
      if (gone) return;
      element.width = image.naturalWidth;
      element.height = image.naturalHeight;
      pen.drawImage(image, 0, 0);
      const place = { x: 0, y: 0, width: element.width, height: element.height };
      const look = {
        palette: paletteOf(element),
        ratio: Math.max(1, element.width / 640),
        font: "sans-serif",
      };
      drawMarks(pen, [{ mark, h: null, state: "ok" }], place, look);
    };
    image.src = snapshot.url;
    return () => {
      gone = true;
    };
  }, [snapshot, mark]);
  return (
    <figure className={styles.still} data-testid="still">
      {snapshot ? <canvas ref={canvas} className={styles.stillPicture} /> : <p>{text.marks.noStill}</p>}
      <figcaption className={styles.stillPlate}>
        <span>{text.stage.still({ name: mark.author_name })}</span>
        <IconButton name={text.stage.resume} onPress={onClose} testId="close-still">
          <X size={18} aria-hidden />
        </IconButton>
      </figcaption>
    </figure>
  );
}
