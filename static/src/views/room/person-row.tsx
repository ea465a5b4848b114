import { EllipsisVertical, Hand, Mic, MicOff, MonitorUp, Video, VideoOff } from "lucide-react";
import type { Participant } from "../../protocol.gen";
import { isLive, moderates } from "../../state/room";
import { useSelected, useText } from "../context";
import { Avatar } from "../ui/avatar";
import { IconButton } from "../ui/button";
import type { Question } from "../ui/dialog";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import styles from "./panel.module.css";
import { useMeeting } from "./room-context";

/** CSS pixels; every row has it, so that the list knows which of a thousand rows are seen. */
export const PERSON_ROW_HEIGHT = 52;

/** One person in the list: who, in what part, with what switched on, and what may be done. */
export function PersonRow({
  person,
  me,
  iModerate,
  handPosition,
  position,
  total,
  ask,
}: {
  person: Participant;
  me: string;
  iModerate: boolean;
  /** 1 is the first hand; 0 is no hand. */
  handPosition: number;
  /** In the list, from 0. */
  position: number;
  total: number;
  ask: (question: Question) => void;
}) {
  const meeting = useMeeting();
  const text = useText();
  const myRole = useSelected(meeting.view, (view) => view?.participants[me]?.role);
  const pinned = useSelected(meeting.pinned, (id) => id === person.id);
  const isMe = person.id === me;
  const { controls } = meeting;
  const microphone = isLive(person, "microphone");
  const camera = isLive(person, "camera");
  const sharing = isLive(person, "screen");
  // A co-host has no say over a host; the server says the same.
  const mayManage = iModerate && !isMe && (myRole === "host" || !moderates(person.role));
  const about = [
    text.people.roles[person.role],
    person.organization,
    person.presence === "away" ? text.stage.away : "",
    sharing ? text.people.sharing : "",
  ].filter(Boolean);
  return (
    <li
      className={styles.person}
      style={{ top: position * PERSON_ROW_HEIGHT, height: PERSON_ROW_HEIGHT }}
      aria-posinset={position + 1}
      aria-setsize={total}
      data-testid="participant-row"
      data-participant-id={person.id}
    >
      <Avatar name={person.name} identity={person.identity} size={36} />
      <div className={styles.personText}>
        <p>{isMe ? text.stage.own({ name: person.name }) : person.name}</p>
        <p>{about.join(" · ")}</p>
      </div>
      {handPosition > 0 ? (
        <span
          className={styles.handIcon}
          role="img"
          aria-label={text.people.handOrder({ position: handPosition })}
        >
          <Hand size={16} aria-hidden />
          <span className="tabular">{handPosition}</span>
        </span>
      ) : null}
      {sharing ? <MonitorUp size={16} className={styles.state} aria-hidden /> : null}
      <span
        role="img"
        aria-label={microphone ? text.people.microphoneOn : text.people.microphoneOff}
        className={styles.state}
      >
        {microphone ? (
          <Mic size={16} aria-hidden />
        ) : (
          <MicOff size={16} className={styles.offIcon} aria-hidden />
        )}
      </span>
      <span
        role="img"
        aria-label={camera ? text.people.cameraOn : text.people.cameraOff}
        className={styles.state}
      >
        {camera ? <Video size={16} aria-hidden /> : <VideoOff size={16} aria-hidden />}
      </span>
      {isMe ? (
        <span className={styles.noMenu} />
      ) : (
        <Menu
          label={text.people.options({ name: person.name })}
          trigger={
            <IconButton name={text.people.options({ name: person.name })} testId="row-menu">
              <EllipsisVertical size={18} aria-hidden />
            </IconButton>
          }
        >
          <MenuItem onAction={() => meeting.pin(pinned ? null : person.id)}>
            {pinned ? text.people.unpin : text.people.pin}
          </MenuItem>
          {mayManage && microphone ? (
            <MenuItem testId="menu-mute" onAction={() => void controls.mute(person.id, "microphone")}>
              {text.people.mute}
            </MenuItem>
          ) : null}
          {mayManage && camera ? (
            <MenuItem testId="menu-stop-video" onAction={() => void controls.mute(person.id, "camera")}>
              {text.people.stopVideo}
            </MenuItem>
          ) : null}
          {mayManage && sharing ? (
            <MenuItem testId="menu-stop-share" onAction={() => void controls.mute(person.id, "screen")}>
              {text.people.stopShare}
            </MenuItem>
          ) : null}
          {mayManage && handPosition > 0 ? (
            <MenuItem onAction={() => void controls.lowerHand(person.id)}>{text.people.lowerHand}</MenuItem>
          ) : null}
          {mayManage && person.role !== "host" ? (
            <MenuItem
              testId="menu-co-host"
              onAction={() => void controls.setCoHost(person.id, person.role !== "co_host", "participant")}
            >
              {person.role === "co_host" ? text.people.takeCoHost : text.people.makeCoHost}
            </MenuItem>
          ) : null}
          {mayManage ? (
            <>
              <MenuSeparator />
              <MenuItem
                danger
                testId="menu-remove"
                onAction={() =>
                  ask({
                    title: text.confirm.removeTitle({ name: person.name }),
                    text: text.confirm.removeText({ name: person.name }),
                    action: text.confirm.remove,
                    run: () => void controls.remove(person.id),
                  })
                }
              >
                {text.people.remove}
              </MenuItem>
            </>
          ) : null}
        </Menu>
      )}
    </li>
  );
}
