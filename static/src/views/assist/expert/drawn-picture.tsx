import { useEffect, useRef } from "react";
import { drawMarks, type OverlayMark } from "../../../state/assist/overlay";
import styles from "./expert.module.css";
import { paletteOf } from "./palette";

/** A picture that stands still, with what was drawn on it. */
export function DrawnPicture({ src, marks }: { src: string; marks: readonly OverlayMark[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext("2d");
    if (!element || !pen || !src) return;
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
      drawMarks(pen, marks, place, look);
    };
    image.src = src;
    return () => {
      gone = true;
    };
  }, [src, marks]);
  return <canvas ref={canvas} className={styles.stillPicture} />;
}
