import { useStore, useText } from "../context";
import { noticeText } from "./notice-text";
import { useMeeting } from "./room-context";

/** Says to screen readers what others see at a glance: who came, who left, who raised a hand, who wrote. */
export function Announcer() {
  const meeting = useMeeting();
  const text = useText();
  const announcement = useStore(meeting.announcement);
  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-atomic="false">
      {announcement ? <p key={announcement.id}>{noticeText(text, announcement.notice)}</p> : null}
    </div>
  );
}
