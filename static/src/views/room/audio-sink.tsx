import { useEffect, useRef } from "react";
import { useSelected, useStore } from "../context";
import { useMeeting } from "./room-context";
import { canChooseSpeaker } from "./sound";

/** Everything that is heard: one hidden player for each received sound track. */
export function AudioSink() {
  const meeting = useMeeting();
  const tracks = useStore(meeting.media.subscriber.tracks);
  return (
    <div hidden data-audio-sink>
      {[...tracks.values()]
        .filter((remote) => remote.track.kind === "audio")
        .map((remote) => (
          <Sound key={remote.trackId} track={remote.track} />
        ))}
    </div>
  );
}

function Sound({ track }: { track: MediaStreamTrack }) {
  const meeting = useMeeting();
  const ref = useRef<HTMLAudioElement>(null);
  const speakerId = useSelected(meeting.preferences, (values) => values.speakerId);
  useEffect(() => {
    const audio = ref.current;
    if (!audio) return;
    audio.srcObject = new MediaStream([track]);
    audio.play().catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === "NotAllowedError") meeting.soundBlocked.set(true);
    });
    return () => {
      audio.srcObject = null;
    };
  }, [track, meeting]);
  useEffect(() => {
    if (!canChooseSpeaker) return;
    // A speaker that is gone leaves the sound where it is.
    void ref.current?.setSinkId(speakerId).catch(() => undefined);
  }, [speakerId]);
  return <audio ref={ref} autoPlay />;
}

/** After a gesture: start everything that was held back. */
export async function playHeldBack(): Promise<boolean> {
  const players = [...document.querySelectorAll<HTMLAudioElement>("[data-audio-sink] audio")];
  const results = await Promise.allSettled(players.map((player) => player.play()));
  return results.every((result) => result.status === "fulfilled");
}
