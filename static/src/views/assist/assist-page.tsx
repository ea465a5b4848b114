import { useEffect, useState, type ComponentType } from "react";
import type { AssistRole, Code } from "../../protocol.gen";
import { ApiError } from "../../state/api";
import { readPass } from "../../state/assist/pass";
import type { Tracking } from "../../state/assist/tracking";
import type { KeyValue } from "../../state/preferences";
import { report as english } from "../../i18n/en-report";
import { report as chinese } from "../../i18n/zh-report";
import { useApp, useLocale, useSelected, useStore, useText, type App } from "../context";
import { PageFrame } from "../pages/page-frame";
import pages from "../pages/page.module.css";
import door from "../room/door.module.css";
import { LobbyView } from "../room/lobby-view";
import { OverView } from "../room/over-view";
import { RoomContext } from "../room/room-context";
import { openVisit, type Visit } from "../room/visit";
import { Button, ButtonLink } from "../ui/button";
import { EndReport } from "./end-report";
import { SessionContext, type Session } from "./session-context";

/** What is needed before the room can be entered, and the room. */
interface Opened {
  readonly visit: Visit;
  readonly session: Session;
  readonly View: ComponentType;
}

type Opening =
  | { readonly kind: "looking" }
  | { readonly kind: "shut"; readonly code: Code }
  | ({ readonly kind: "open" } & Opened);

/** The live page of a session of assistance, by the part that one has in it. */
export default function AssistPage({
  code,
  sessionStorage,
}: {
  code: string;
  sessionStorage: KeyValue | null;
}) {
  const app = useApp();
  const [opening, setOpening] = useState<Opening>({ kind: "looking" });
  useEffect(() => {
    let visit: Visit | null = null;
    let gone = false;
    open(code, app, sessionStorage).then(
      (opened) => {
        if (gone) {
          opened.visit.close();
          return;
        }
        visit = opened.visit;
        window.__tongxin = visit.inspection();
        setOpening({ kind: "open", ...opened });
        enter(opened, sessionStorage);
      },
      (cause: unknown) => {
        const shut = cause instanceof ApiError ? cause.code : "internal";
        if (!gone) setOpening({ kind: "shut", code: shut });
      },
    );
    return () => {
      gone = true;
      visit?.close();
      delete window.__tongxin;
    };
  }, [code, app, sessionStorage]);
  if (opening.kind === "looking") return <Joining />;
  if (opening.kind === "shut") return <Shut code={opening.code} room={code} />;
  return <Entered opened={opening} />;
}

/** Who one is here: by the link that this tab opened, else by account. */
async function open(code: string, app: App, storage: KeyValue | null): Promise<Opened> {
  const pass = readPass(storage, code);
  const known = pass
    ? { id: pass.sessionId, role: pass.role, name: pass.name, token: pass.token }
    : await app.api
        .assistRoom(code, "")
        .then(({ id, you }) => ({ id, role: you.role, name: you.name, token: "" }));
  const [View, tracking] = await load(known.role);
  const visit = openVisit(
    code,
    app.api,
    app.preferences,
    storage,
    tracking
      ? {
          facing: "environment",
          around: (hooks) => ({
            ...hooks,
            isLayered: false,
            attachSender: (sender, source) => {
              hooks.attachSender(sender, source);
              if (source === "camera") tracking.attachSender(sender);
            },
          }),
        }
      : {},
  );
  return { visit, View, session: { ...known, tracking } };
}

async function load(role: AssistRole): Promise<[ComponentType, Tracking | null]> {
  if (role !== "on_site") return [(await import("./expert/expert-view")).ExpertView, null];
  const [{ PhoneView }, { openTracking }] = await Promise.all([
    import("./phone/phone-view"),
    import("./phone/open-phone"),
  ]);
  return [PhoneView, openTracking()];
}

/** Straight in: whoever comes here has said their name already. */
function enter({ visit, session }: Opened, storage: KeyValue | null): void {
  const { meeting, entrance } = visit;
  if (session.role === "on_site") void meeting.local.face("environment");
  void meeting.local.setMicrophone(meeting.preferences.get().microphoneOn);
  if (storage === null || !entrance.resume())
    meeting.enter({ token: session.token, name: session.name, early: true });
}

function Entered({ opened: { visit, session, View } }: { opened: Opened }) {
  const { meeting } = visit;
  const phase = useStore(meeting.phase);
  const title = useSelected(meeting.view, (view) => view?.title ?? "");
  const text = useText();
  const words = useLocale() === "en" ? english : chinese;
  const isInside = phase.kind === "inside";
  const account = useStore(useApp().account.state);
  // Who came by a link has no desk to go to: the report is what they take along.
  const isMember = account.kind === "known" && account.me.account !== null;
  useEffect(() => {
    document.title = title ? `${title} · ${text.brand}` : text.brand;
    if (isInside) document.documentElement.dataset["theme"] = "stage";
    return () => {
      delete document.documentElement.dataset["theme"];
    };
  }, [title, text, isInside]);
  return (
    <RoomContext value={{ meeting, remoteFrame: () => visit.remoteFrame() }}>
      <SessionContext value={session}>
        {phase.kind === "away" || phase.kind === "entering" ? (
          <Joining />
        ) : phase.kind === "waiting" ? (
          <LobbyView title={title} sinceMs={phase.sinceMs} />
        ) : phase.kind === "inside" ? (
          <View />
        ) : (
          <OverView
            end={phase.end}
            code={meeting.code}
            again={() => window.location.reload()}
            home={isMember ? { href: "/assist", label: words.toDesk } : null}
            said={{ left: [words.left, words.leftText], room_ended: [words.ended, words.endedText] }}
          >
            {(phase.end === "left" || phase.end === "room_ended") && session.id ? <EndReport /> : null}
          </OverView>
        )}
      </SessionContext>
    </RoomContext>
  );
}

function Joining() {
  const text = useText();
  return (
    <main className={door.waiting} aria-busy="true">
      <p role="status">{text.door.joining}…</p>
    </main>
  );
}

function Shut({ code, room }: { code: Code; room: string }) {
  const text = useText();
  const mayChange = code === "unavailable" || code === "internal" || code === "rate_limited";
  return (
    <PageFrame title={text.door.shutTitle}>
      <div className={pages.narrow} data-testid="assist-shut" data-reason={code}>
        <h1>{code === "room_ended" ? text.over.room_ended : text.door.shutTitle}</h1>
        <p className={pages.soft}>{text.errors[code]}</p>
        {code === "unauthenticated" ? (
          <ButtonLink href={`/sign-in?next=${encodeURIComponent(`/assist/${room}`)}`} tone="primary" large>
            {text.door.signInInstead}
          </ButtonLink>
        ) : mayChange ? (
          <Button tone="primary" large onPress={() => window.location.reload()}>
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
