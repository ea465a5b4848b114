import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Participant } from "../../protocol.gen";
import { useText } from "../context";
import styles from "./stage.module.css";
import { Tile } from "./tile";

const MARGIN = 8;
const STEP = 24;

interface Place {
  readonly left: number;
  readonly top: number;
}

/** The own picture on a phone: dragged where it does not cover what matters, it rests at the nearer side. */
export function OwnThumb({ participant }: { participant: Participant }) {
  const text = useText();
  const ref = useRef<HTMLDivElement>(null);
  const grip = useRef<{ x: number; y: number } | null>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const [dragging, setDragging] = useState(false);

  const bounded = ({ left, top }: Place): Place => {
    const element = ref.current;
    const stage = element?.parentElement;
    if (!element || !stage) return { left, top };
    const limit = (value: number, size: number, room: number): number =>
      Math.min(Math.max(MARGIN, value), Math.max(MARGIN, room - size - MARGIN));
    return {
      left: limit(left, element.offsetWidth, stage.clientWidth),
      top: limit(top, element.offsetHeight, stage.clientHeight),
    };
  };
  const now = (): Place => ({ left: ref.current?.offsetLeft ?? 0, top: ref.current?.offsetTop ?? 0 });

  const onPointerDown = (event: PointerEvent): void => {
    const { left, top } = now();
    grip.current = { x: event.clientX - left, y: event.clientY - top };
    ref.current?.setPointerCapture(event.pointerId);
    setDragging(true);
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (!grip.current) return;
    setPlace(bounded({ left: event.clientX - grip.current.x, top: event.clientY - grip.current.y }));
  };
  const onPointerUp = (): void => {
    grip.current = null;
    setDragging(false);
    const element = ref.current;
    const stage = element?.parentElement;
    if (!element || !stage) return;
    const { left, top } = now();
    const nearLeft = left + element.offsetWidth / 2 < stage.clientWidth / 2;
    setPlace(bounded({ left: nearLeft ? 0 : stage.clientWidth, top }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = MOVES[event.key];
    if (!step) return;
    event.preventDefault();
    const { left, top } = now();
    setPlace(bounded({ left: left + step[0] * STEP, top: top + step[1] * STEP }));
  };
  return (
    <div
      ref={ref}
      className={styles.thumb}
      {...(place ? { style: { left: place.left, top: place.top, right: "auto", bottom: "auto" } } : {})}
      role="group"
      tabIndex={0}
      aria-label={text.stage.ownPicture}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onKeyDown={onKeyDown}
      {...(dragging ? { "data-dragging": true } : {})}
    >
      <Tile participant={participant} source="camera" isMe />
    </div>
  );
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
