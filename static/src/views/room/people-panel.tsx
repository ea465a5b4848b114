import { Check, UserPlus, VolumeOff, X } from "lucide-react";
import { useRef, useState, type RefObject } from "react";
import type { LobbyEntry, Participant, RoomView } from "../../protocol.gen";
import { inOrder, moderates, raisedHands } from "../../state/room";
import { useStore, useText } from "../context";
import { Avatar } from "../ui/avatar";
import { Button, IconButton } from "../ui/button";
import type { Question } from "../ui/dialog";
import { Switch, TextField } from "../ui/fields";
import { SharingChoice } from "./files/sharing-choice";
import styles from "./panel.module.css";
import { PERSON_ROW_HEIGHT, PersonRow } from "./person-row";
import { useMeeting } from "./room-context";
import { SidePanel } from "./side-panel";
import { useWindowed } from "./use-windowed";

/** From so many people on a list needs a search. */
const SEARCH_FROM = 8;

interface Props {
  readonly ask: (question: Question) => void;
  readonly onInvite: () => void;
}

/** Who is here, who waits, and what hosts can do about both. */
export function PeoplePanel({ ask, onInvite }: Props) {
  const meeting = useMeeting();
  const text = useText();
  const view = useStore(meeting.view);
  const me = useStore(meeting.me);
  const [search, setSearch] = useState("");
  const scroller = useRef<HTMLDivElement>(null);
  if (!view) return null;
  const everybody = inOrder(view);
  const hands = raisedHands(view);
  const iModerate = moderates(view.participants[me]?.role);
  const wanted = search.trim().toLocaleLowerCase();
  // Raised hands first, in their order; then everyone as they came.
  const shown = [...hands, ...everybody.filter((person) => person.hand_raised_at_ms === 0)].filter(
    (person) =>
      person.name.toLocaleLowerCase().includes(wanted) ||
      person.organization.toLocaleLowerCase().includes(wanted),
  );
  return (
    <SidePanel
      title={text.people.title}
      closeName={text.people.close}
      extra={<span className={styles.headNote}>{text.people.count({ count: everybody.length })}</span>}
    >
      <div ref={scroller} className={styles.scroll}>
        {iModerate ? <LobbyQueue view={view} ask={ask} /> : null}
        <section aria-label={text.people.inside}>
          {everybody.length >= SEARCH_FROM ? (
            <div className={styles.search}>
              <TextField
                label={text.people.search}
                placeholder={text.people.search}
                type="search"
                hideLabel
                value={search}
                onChange={setSearch}
              />
            </div>
          ) : null}
          <People people={shown} scroller={scroller} me={me} iModerate={iModerate} hands={hands} ask={ask} />
          {shown.length === 0 ? <p className={styles.emptyChat}>{text.people.noMatch}</p> : null}
        </section>
      </div>
      <div className={styles.foot}>
        <div className={styles.footRow}>
          <Button onPress={onInvite}>
            <UserPlus size={16} aria-hidden />
            {text.people.invite}
          </Button>
          {iModerate ? (
            <Button
              testId="mute-all"
              onPress={() =>
                ask({
                  title: text.confirm.muteAllTitle,
                  text: text.confirm.muteAllText,
                  action: text.confirm.muteAll,
                  run: () => void meeting.controls.muteAll(),
                })
              }
            >
              <VolumeOff size={16} aria-hidden />
              {text.people.muteAll}
            </Button>
          ) : null}
        </div>
        {iModerate ? (
          <>
            <Switch
              testId="lobby-switch"
              isSelected={view.lobby_enabled}
              onChange={(enabled) => void meeting.controls.setLobby(enabled)}
              note={text.people.lobbyText}
            >
              {text.people.lobby}
            </Switch>
            <Switch
              testId="lock-switch"
              isSelected={view.locked}
              onChange={(locked) => void meeting.controls.setLocked(locked)}
              note={text.people.lockText}
            >
              {text.people.lock}
            </Switch>
            <SharingChoice />
          </>
        ) : null}
      </div>
    </SidePanel>
  );
}

/** Only the rows that can be seen are drawn: a room may have a thousand. */
function People({
  people,
  scroller,
  hands,
  ...row
}: {
  people: readonly Participant[];
  scroller: RefObject<HTMLElement | null>;
  hands: readonly Participant[];
  me: string;
  iModerate: boolean;
  ask: Props["ask"];
}) {
  const list = useRef<HTMLUListElement>(null);
  const { first, end } = useWindowed(scroller, list, people.length, PERSON_ROW_HEIGHT);
  return (
    <ul ref={list} className={styles.people} style={{ height: people.length * PERSON_ROW_HEIGHT }}>
      {people.slice(first, end).map((person, index) => (
        <PersonRow
          key={person.id}
          person={person}
          handPosition={hands.indexOf(person) + 1}
          position={first + index}
          total={people.length}
          {...row}
        />
      ))}
    </ul>
  );
}

function LobbyQueue({ view, ask }: { view: RoomView; ask: Props["ask"] }) {
  const meeting = useMeeting();
  const text = useText();
  const queue = Object.values(view.lobby).sort((a, b) => a.asked_at_ms - b.asked_at_ms);
  if (queue.length === 0) return null;
  return (
    <section className={styles.lobby} aria-label={text.people.waiting}>
      <h3>
        {text.people.waiting} · {queue.length}
      </h3>
      <ul>
        {queue.map((entry) => (
          <Waiting key={entry.id} entry={entry} />
        ))}
      </ul>
      {queue.length > 1 ? (
        <div className={styles.footRow}>
          <Button tone="primary" testId="admit-all" onPress={() => void meeting.controls.admit("")}>
            {text.people.admitAll}
          </Button>
          <Button
            onPress={() =>
              ask({
                title: text.confirm.denyAllTitle({ count: queue.length }),
                text: text.confirm.denyAllText,
                action: text.confirm.denyAll,
                run: () => void meeting.controls.deny(""),
              })
            }
          >
            {text.people.denyAll}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function Waiting({ entry }: { entry: LobbyEntry }) {
  const meeting = useMeeting();
  const text = useText();
  return (
    <li className={styles.person} data-testid="lobby-entry">
      <Avatar name={entry.name} identity={entry.id} size={36} />
      <div className={styles.personText}>
        <p>{entry.name}</p>
        <p>
          {entry.note === "same_network_as_removed"
            ? text.people.sameNetwork
            : entry.organization || text.people.roles[entry.role]}
        </p>
      </div>
      <IconButton
        name={text.people.denyNamed({ name: entry.name })}
        testId="deny"
        onPress={() => void meeting.controls.deny(entry.id)}
      >
        <X size={18} aria-hidden />
      </IconButton>
      <Button
        tone="primary"
        label={`${text.people.admit} ${entry.name}`}
        testId="admit"
        onPress={() => void meeting.controls.admit(entry.id)}
      >
        <Check size={16} aria-hidden />
        {text.people.admit}
      </Button>
    </li>
  );
}
