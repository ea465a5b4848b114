import { Lock, ShieldCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { NAME_MAX_CHARS, type Code } from "../../protocol.gen";
import type { RoomInfo } from "../../state/api";
import type { Entrance } from "../../state/entrance";
import { moderates } from "../../state/room";
import { useStore, useText } from "../context";
import { Button, ButtonLink } from "../ui/button";
import { Fault } from "../ui/dialog";
import { TextField } from "../ui/text-field";
import { PageFrame } from "../pages/page-frame";
import pages from "../pages/page.module.css";
import styles from "./door.module.css";
import { DoctorLine } from "./doctor-line";
import { Preview } from "./preview";
import { useMeeting } from "./room-context";
import { useMediaQuery } from "./use-media-query";

const LOOK_AGAIN_MS = 10_000;

/** Before the meeting: how I look and sound, who is inside, one button. */
export function Door({ entrance }: { entrance: Entrance }) {
  const text = useText();
  const door = useStore(entrance.door);
  useEffect(() => {
    if (door.kind !== "open") return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void entrance.look();
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [door.kind, entrance]);
  if (door.kind === "looking") return null;
  if (door.kind === "shut") return <ShutDoor code={door.code} entrance={entrance} />;
  return (
    <PageFrame title={text.door.title({ title: door.info.title })}>
      <div className={styles.door}>
        <Preview />
        <EnterCard entrance={entrance} info={door.info} />
      </div>
    </PageFrame>
  );
}

function EnterCard({ entrance, info }: { entrance: Entrance; info: RoomInfo }) {
  const meeting = useMeeting();
  const text = useText();
  const name = useStore(entrance.name);
  const busy = useStore(entrance.busy);
  const problem = useStore(entrance.problem);
  const entering = useStore(meeting.phase).kind === "entering";
  const hosts = moderates(info.you.role ?? undefined);
  const waits = info.lobby_enabled && !hosts;
  const impossible = useStore(meeting.encryption.status).state === "impossible";
  const [tried, setTried] = useState(false);
  // Fingers would get a keyboard over the page at once.
  const keyboard = useMediaQuery("(hover: hover) and (pointer: fine)");
  const shutOut = info.locked && !hosts;
  useEffect(() => {
    void meeting.local.startPreview();
  }, [meeting]);
  return (
    <form
      className={styles.card}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        void entrance.enter();
      }}
    >
      <div>
        <h1 className={styles.title}>{info.title}</h1>
        <p className={pages.soft}>
          {info.people_count === 0
            ? text.door.nobody
            : info.people.length === 0
              ? text.meetings.inside({ count: info.people_count })
              : text.door.inside({ names: info.people, count: info.people_count })}
        </p>
      </div>
      {info.encrypted ? <EncryptionNote impossible={impossible} /> : null}
      {info.you.signed_in ? (
        <p>{text.door.signedInAs({ name: info.you.name, asHost: info.you.role === "host" })}</p>
      ) : (
        <TextField
          label={text.fields.name}
          value={name}
          onChange={(value) => entrance.setName(value)}
          hint={text.door.nameHint}
          maxLength={NAME_MAX_CHARS}
          autoComplete="name"
          {...(keyboard && name === "" ? { autoFocus: true } : {})}
          testId="name-input"
          fault={tried && name.trim() === "" ? text.fields.missing : null}
        />
      )}
      {problem ? <Fault>{text.errors[problem]}</Fault> : null}
      <Button
        type="submit"
        tone="primary"
        large
        wide
        isPending={busy || entering}
        isDisabled={impossible}
        testId="join"
      >
        {busy || entering ? text.door.joining : waits ? text.door.ask : text.door.join}
      </Button>
      {info.attendance ? <p className={pages.small}>{text.badges.attendance}</p> : null}
      {shutOut ? (
        <p className={styles.shut} data-testid="locked-note">
          <Lock size={16} aria-hidden />
          {text.door.lockedNote}
        </p>
      ) : waits ? (
        <p className={pages.small}>{text.door.lobbyNote}</p>
      ) : null}
      <DoctorLine />
    </form>
  );
}

function EncryptionNote({ impossible }: { impossible: boolean }) {
  const text = useText();
  return impossible ? (
    <Fault>
      <span data-testid="encryption-impossible">{text.encryption.impossible}</span>
    </Fault>
  ) : (
    <p className={styles.sealed} data-testid="encryption-note">
      <ShieldCheck size={18} aria-hidden />
      {text.encryption.door}
    </p>
  );
}

function ShutDoor({ code, entrance }: { code: Code; entrance: Entrance }) {
  const text = useText();
  const here = encodeURIComponent(`/m/${entrance.meeting.code}`);
  const mayChange = code === "unavailable" || code === "internal" || code === "rate_limited";
  const title = code === "room_ended" ? text.over.room_ended : (text.door.shut[code] ?? text.door.shutTitle);
  return (
    <PageFrame title={title}>
      <div className={pages.narrow}>
        <h1>{title}</h1>
        <p className={pages.soft}>{text.errors[code]}</p>
        {code === "sign_in_required" ? (
          <ButtonLink href={`/sign-in?next=${here}`} tone="primary" large>
            {text.door.signInInstead}
          </ButtonLink>
        ) : mayChange ? (
          <Button tone="primary" large onPress={() => void entrance.look()}>
            {text.common.retry}
          </Button>
        ) : (
          <ButtonLink href="/" tone="primary" large>
            {text.common.home}
          </ButtonLink>
        )}
      </div>
    </PageFrame>
  );
}
