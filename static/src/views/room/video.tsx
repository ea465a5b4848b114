import { useEffect, useRef } from "react";
import { classes } from "../ui/classes";
import styles from "./video.module.css";

/** Draws one video track.  Sound never comes from here. */
export function Video({
  track,
  mirrored,
  contain,
  onFrame,
}: {
  track: MediaStreamTrack;
  mirrored?: boolean;
  /** Show all of the picture instead of filling the frame. */
  contain?: boolean;
  /** The first frame is on the screen. */
  onFrame?: () => void;
}) {
  const ref = useRef<HTMLVideoElement>(null);
  const onFrameRef = useRef(onFrame);
  useEffect(() => {
    onFrameRef.current = onFrame;
  }, [onFrame]);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = new MediaStream([track]);
    // Muted video may always play; a refusal here means that the element has gone already.
    video.play().catch(() => undefined);
    const told = (): void => onFrameRef.current?.();
    let request = 0;
    if ("requestVideoFrameCallback" in video) request = video.requestVideoFrameCallback(told);
    else (video as HTMLVideoElement).addEventListener("loadeddata", told, { once: true });
    return () => {
      if (request) video.cancelVideoFrameCallback(request);
      video.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={ref}
      className={classes(styles.video, mirrored && styles.mirrored, contain && styles.contain)}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      aria-hidden
    />
  );
}
