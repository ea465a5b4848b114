import { Camera, Smartphone, Snowflake, WifiOff } from "lucide-react";
import { useEffect, useRef, useState, type PointerEvent, type ReactNode } from "react";
import type { Mark, Participant, RoomView } from "../../../protocol.gen";
import type { PenSample } from "../../../state/assist/drawing";
import { toPicture } from "../../../state/assist/overlay-geometry";
import { useSelected, useStore } from "../../context";
import { Button } from "../../ui/button";
import { useMeeting, useRoom } from "../../room/room-context";
import { useShown } from "../../room/use-shown";
import { useDesk } from "./desk-context";
import styles from "./expert.module.css";
import { OtherPhones } from "./other-phones";
import { paletteOf } from "./palette";
import { PhoneChips } from "./phone-chips";
import { FreshPhoto, PhotoView } from "./photos";
import { StillView } from "./still-view";
import { timeOf } from "./time-of";
import { useExpertText } from "./words";
import { WordsField } from "./words-field";

/** The machine as the phone sees it, and the pen. */
export function Stage({
  view,
  phone,
  still,
  onStill,
  maySelect,
  above,
}: {
  view: RoomView;
  phone: Participant | undefined;
  still: Mark | null;
  onStill: (markId: string | null) => void;
  maySelect: boolean;
  /** A page that is shown over the picture. */
  above: ReactNode;
}) {
  const { desk, live } = useDesk();
  const meeting = useMeeting();
  const room = useRoom();
  const text = useExpertText();
  const box = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const frozen = useStore(desk.frozen);
  const tool = useStore(desk.marks.tool);
  const hasPicture = useStore(live.hasPicture);
  const camera = phone?.tracks.find((track) => track.source === "camera");
  const track = useSelected(meeting.media.subscriber.tracks, (tracks) =>
    camera ? tracks.get(camera.id)?.track : undefined,
  );
  useShown(box, meeting.wants, camera?.id, true);

  useEffect(() => {
    const element = video.current;
    if (!element || !track) return;
    element.srcObject = new MediaStream([track]);
    // Muted video may always play; a refusal means that the element has gone already.
    element.play().catch(() => undefined);
    element.requestVideoFrameCallback(() => room.remoteFrame());
    return () => {
      element.srcObject = null;
    };
  }, [track, room]);

  useEffect(() => {
    const [shown, picture, above, around] = [video.current, canvas.current, overlay.current, box.current];
    if (!shown || !picture || !above || !around) return;
    const ratio = window.devicePixelRatio;
    const look = { palette: paletteOf(around), ratio, font: getComputedStyle(around).fontFamily };
    live.attach({ video: shown, canvas: picture, overlay: above, look });
    const sized = new ResizeObserver(() =>
      live.resize(Math.round(around.clientWidth * ratio), Math.round(around.clientHeight * ratio)),
    );
    sized.observe(around);
    return () => {
      sized.disconnect();
      live.attach(null);
    };
  }, [live]);

  const pen = usePen(overlay, maySelect);
  const isMissing = !hasPicture;
  return (
    <div className={styles.stage} data-frozen={frozen !== null || undefined} data-testid="stage">
      <div ref={box} className={styles.box}>
        <video ref={video} className={styles.video} autoPlay playsInline muted aria-hidden />
        <canvas ref={canvas} className={styles.picture} hidden={isMissing} data-testid="picture" />
        <canvas
          ref={overlay}
          className={styles.overlay}
          data-tool={maySelect ? tool : "watch"}
          aria-label={text.stage.label}
          role="img"
          data-testid="overlay"
          {...pen}
        />
        {still ? <StillView mark={still} onClose={() => onStill(null)} /> : null}
        {hasPicture || above ? null : (
          <Missing phone={phone} hasCamera={camera !== undefined && !camera.muted} />
        )}
        {still ? null : <OtherPhones mayChoose={maySelect} />}
        {above}
        {still ? null : <PhoneChips view={view} phone={phone} />}
        <FreshPhoto />
        <PhotoView />
        <WordsField />
      </div>
      {frozen ? (
        <p className={styles.frozenPlate} role="status">
          <Snowflake size={16} aria-hidden />
          <span>{text.stage.frozenAt({ time: timeOf(frozen.atMs) })}</span>
          {frozen.by === "hand" ? (
            <Button tone="primary" onPress={() => desk.freeze(null)} testId="resume">
              {text.stage.resume}
            </Button>
          ) : null}
        </p>
      ) : hasPicture && phone?.presence === "away" ? (
        <p className={styles.awayPlate} role="status">
          <WifiOff size={16} aria-hidden />
          <span>
            {text.stage.awayTitle({ name: phone.name })}. {text.stage.awayText}
          </span>
        </p>
      ) : null}
    </div>
  );
}

function Missing({ phone, hasCamera }: { phone: Participant | undefined; hasCamera: boolean }) {
  const text = useExpertText().stage;
  const [icon, title, words]: [ReactNode, string, string] = !phone
    ? [<Smartphone key="i" size={40} aria-hidden />, text.nobodyTitle, text.nobodyText]
    : hasCamera
      ? [<Camera key="i" size={40} aria-hidden />, text.comingTitle, ""]
      : [
          <Camera key="i" size={40} aria-hidden />,
          text.cameraOffTitle,
          text.cameraOffText({ name: phone.name }),
        ];
  return (
    <div className={styles.missing} role="status" data-testid="missing">
      {icon}
      <h2>{title}</h2>
      {words ? <p>{words}</p> : null}
    </div>
  );
}

/** Pointer events of mouse, finger and pen: every sample that the browser has put together, with its pressure. */
function usePen(overlay: React.RefObject<HTMLCanvasElement | null>, maySelect: boolean) {
  const { desk, live } = useDesk();
  const [pointer, setPointer] = useState<number | null>(null);
  const sampleOf = (event: {
    readonly clientX: number;
    readonly clientY: number;
    readonly pressure: number;
    readonly pointerType: string;
  }): PenSample | null => {
    const { picture } = live;
    const canvas = overlay.current;
    if (!picture || !canvas) return null;
    const bounds = canvas.getBoundingClientRect();
    const ratio = bounds.width > 0 ? canvas.width / bounds.width : 1;
    const [x, y] = toPicture(
      live.place(),
      picture,
      (event.clientX - bounds.left) * ratio,
      (event.clientY - bounds.top) * ratio,
    );
    return { x, y, pressure: event.pointerType === "pen" ? event.pressure : 0.5 };
  };
  const point = (event: PointerEvent<HTMLCanvasElement>): void => {
    const sample = sampleOf(event);
    const { picture } = live;
    if (!sample || !picture) return;
    const [x, y] = [sample.x / picture.width, sample.y / picture.height];
    if (x >= 0 && x <= 1 && y >= 0 && y <= 1) desk.lasers.move({ x, y });
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLCanvasElement>): void => {
      const sample = sampleOf(event);
      const { picture } = live;
      if (!sample || !picture || !maySelect || event.button !== 0 || pointer !== null) return;
      event.preventDefault();
      const tool = desk.marks.tool.get();
      if (tool === "pointer") {
        desk.marks.selected.set(desk.markAt(sample.x, sample.y, picture)?.id ?? null);
        return;
      }
      if (tool === "laser") point(event);
      else if (!desk.penDown(sample, desk.frozen.get() ?? picture, () => live.gray())) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setPointer(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLCanvasElement>): void => {
      if (desk.marks.tool.get() === "laser" && maySelect) {
        // A finger points while it is down, a mouse wherever it goes.
        if (event.pointerType !== "touch" || pointer === event.pointerId) point(event);
        return;
      }
      if (pointer !== event.pointerId) return;
      const events = event.nativeEvent.getCoalescedEvents();
      const samples = (events.length > 0 ? events : [event.nativeEvent]).map(sampleOf);
      desk.penMove(samples.filter((sample) => sample !== null));
    },
    onPointerUp: (event: PointerEvent<HTMLCanvasElement>): void => {
      if (pointer !== event.pointerId) return;
      setPointer(null);
      desk.penUp();
      // While the frozen frame is still there: the list keeps a picture of it.
      live.paint();
    },
    onPointerCancel: (event: PointerEvent<HTMLCanvasElement>): void => {
      if (pointer !== event.pointerId) return;
      setPointer(null);
      desk.penCancel();
    },
  };
}
