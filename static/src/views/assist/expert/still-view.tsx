import { X } from "lucide-react";
import { useMemo } from "react";
import type { Mark } from "../../../protocol.gen";
import { useStore } from "../../context";
import { IconButton } from "../../ui/button";
import { useDesk } from "./desk-context";
import { DrawnPicture } from "./drawn-picture";
import styles from "./expert.module.css";
import { useExpertText } from "./words";

/** The frame that a mark was drawn on, over the live picture. */
export function StillView({ mark, onClose }: { mark: Mark; onClose: () => void }) {
  const { live } = useDesk();
  const text = useExpertText();
  const snapshot = useStore(live.snapshots).get(mark.id);
  const marks = useMemo(() => [{ mark, h: null, state: "ok" } as const], [mark]);
  return (
    <figure className={styles.still} data-testid="still">
      {snapshot ? <DrawnPicture src={snapshot.url} marks={marks} /> : <p>{text.marks.noStill}</p>}
      <figcaption className={styles.stillPlate}>
        <span>{text.stage.still({ name: mark.author_name })}</span>
        <IconButton name={text.stage.resume} onPress={onClose} testId="close-still">
          <X size={18} aria-hidden />
        </IconButton>
      </figcaption>
    </figure>
  );
}
