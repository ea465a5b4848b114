import { Crosshair } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Participant } from "../../../protocol.gen";
import { useSelected } from "../../context";
import { useMeeting } from "../../room/room-context";
import { useShown } from "../../room/use-shown";
import { Button } from "../../ui/button";
import { useDesk } from "./desk-context";
import styles from "./expert.module.css";
import { useExpertText } from "./words";

/** Cameras of others on site: seen in passing. One of them can be made the one that is drawn on. */
export function OtherPhones({ mayChoose }: { mayChoose: boolean }) {
  const { desk } = useDesk();
  const text = useExpertText().people;
  const others = desk.otherPhones();
  if (others.length === 0) return null;
  return (
    <ul className={styles.otherPhones} aria-label={text.otherPhones}>
      {others.map((person) => (
        <li key={person.id} data-testid="other-phone">
          <Passing person={person} />
          <span className={styles.otherName}>{person.name}</span>
          {mayChoose ? (
            <Button onPress={() => void desk.follow(person.id)} testId="follow-phone">
              <Crosshair size={14} aria-hidden />
              {text.follow}
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function Passing({ person }: { person: Participant }) {
  const meeting = useMeeting();
  const video = useRef<HTMLVideoElement>(null);
  const camera = person.tracks.find((track) => track.source === "camera");
  const track = useSelected(meeting.media.subscriber.tracks, (tracks) =>
    camera ? tracks.get(camera.id)?.track : undefined,
  );
  useShown(video, meeting.wants, camera?.id, false);
  useEffect(() => {
    const element = video.current;
    if (!element || !track) return;
    element.srcObject = new MediaStream([track]);
    // Muted video may always play; a refusal means that the element has gone already.
    element.play().catch(() => undefined);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  return <video ref={video} autoPlay playsInline muted aria-hidden />;
}
