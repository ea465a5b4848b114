import { useEffect, useState, type ComponentType } from "react";
import type { Code } from "../../../protocol.gen";
import { ApiError } from "../../../state/api";
import { stageTicket, type StageTicket } from "../../../state/live/ticket";
import type { KeyValue } from "../../../state/preferences";
import { useApp, useSelected, useStore, useText } from "../../context";
import { PageFrame } from "../../pages/page-frame";
import pages from "../../pages/page.module.css";
import door from "../../room/door.module.css";
import { OverView } from "../../room/over-view";
import { Preview } from "../../room/preview";
import { RoomContext, useMeeting } from "../../room/room-context";
import { openVisit, type Visit } from "../../room/visit";
import { Button, ButtonLink } from "../../ui/button";
import { useStageWords } from "./words";

type Opening =
  | { readonly kind: "looking" }
  | { readonly kind: "shut"; readonly code: Code }
  | { readonly kind: "open"; readonly visit: Visit; readonly ticket: StageTicket };

/** The stage of a livestream and what is behind it, for those who make it. */
export default function LiveStagePage({
  id,
  sessionStorage,
}: {
  id: string;
  sessionStorage: KeyValue | null;
}) {
  const { api, preferences } = useApp();
  const [opening, setOpening] = useState<Opening>({ kind: "looking" });
  useEffect(() => {
    let visit: Visit | null = null;
    let gone = false;
    stageTicket(api, id).then(
      (ticket) => {
        if (gone) return;
        visit = openVisit(ticket.code, api, preferences, sessionStorage);
        window.__tongxin = visit.inspection();
        visit.entrance.resume();
        setOpening({ kind: "open", visit, ticket });
      },
      (cause: unknown) => {
        if (!gone) setOpening({ kind: "shut", code: cause instanceof ApiError ? cause.code : "internal" });
      },
    );
    return () => {
      gone = true;
      visit?.close();
      delete window.__tongxin;
    };
  }, [id, api, preferences, sessionStorage]);
  if (opening.kind === "looking") return <Entering />;
  if (opening.kind === "shut") return <Shut id={id} code={opening.code} />;
  return <StageVisit id={id} visit={opening.visit} ticket={opening.ticket} />;
}

function StageVisit({ id, visit, ticket }: { id: string; visit: Visit; ticket: StageTicket }) {
  const { meeting } = visit;
  const phase = useStore(meeting.phase);
  const title = useSelected(meeting.view, (view) => view?.title ?? "");
  const text = useText();
  const words = useStageWords();
  const isInside = phase.kind === "inside";
  const [View, setView] = useState<ComponentType | null>(null);
  useEffect(() => {
    let gone = false;
    void import("./stage-view").then((module) => {
      if (!gone) setView(() => module.StageMeetingView);
    });
    return () => {
      gone = true;
    };
  }, []);
  useEffect(() => {
    document.title = `${title || words.door} · ${text.brand}`;
    if (isInside) document.documentElement.dataset["theme"] = "stage";
    return () => {
      delete document.documentElement.dataset["theme"];
    };
  }, [title, text, words, isInside]);
  return (
    <RoomContext value={{ meeting, remoteFrame: () => visit.remoteFrame() }}>
      {phase.kind === "away" ? (
        <GreenDoor ticket={ticket} />
      ) : phase.kind === "over" ? (
        <OverView end={phase.end} code={meeting.code} again={() => window.location.reload()}>
          <ButtonLink href={`/live/${id}`}>{words.back}</ButtonLink>
        </OverView>
      ) : isInside && View ? (
        <View />
      ) : (
        <Entering />
      )}
    </RoomContext>
  );
}

/** How I look and sound, before anybody in the green room does. */
function GreenDoor({ ticket }: { ticket: StageTicket }) {
  const meeting = useMeeting();
  const { account } = useApp();
  const state = useStore(account.state);
  const words = useStageWords();
  const name = state.kind === "known" ? (state.me.account?.name ?? "") : "";
  useEffect(() => {
    void meeting.local.startPreview();
  }, [meeting]);
  return (
    <PageFrame title={words.door}>
      <div className={door.door}>
        <Preview />
        <form
          className={door.card}
          onSubmit={(event) => {
            event.preventDefault();
            meeting.enter({ token: ticket.token, name, early: true });
          }}
        >
          <div>
            <h1 className={door.title}>{words.door}</h1>
            <p className={pages.soft}>{words.doorText}</p>
          </div>
          <Button type="submit" tone="primary" large wide testId="enter-green-room">
            {words.enter}
          </Button>
        </form>
      </div>
    </PageFrame>
  );
}

function Entering() {
  const words = useStageWords();
  return (
    <main className={door.waiting} aria-busy="true">
      <p role="status">{words.entering}…</p>
    </main>
  );
}

function Shut({ id, code }: { id: string; code: Code }) {
  const text = useText();
  const words = useStageWords();
  const mayChange = code === "unavailable" || code === "internal" || code === "rate_limited";
  return (
    <PageFrame title={words.shut}>
      <div className={pages.narrow} data-testid="stage-shut" data-reason={code}>
        <h1>{words.shut}</h1>
        <p className={pages.soft}>{code === "forbidden" ? words.shutText : text.errors[code]}</p>
        {code === "unauthenticated" ? (
          <ButtonLink href={`/sign-in?next=${encodeURIComponent(`/live/${id}/stage`)}`} tone="primary" large>
            {text.door.signInInstead}
          </ButtonLink>
        ) : mayChange ? (
          <Button tone="primary" large onPress={() => window.location.reload()}>
            {text.common.retry}
          </Button>
        ) : (
          <ButtonLink href={`/live/${id}`} tone="primary" large>
            {words.back}
          </ButtonLink>
        )}
      </div>
    </PageFrame>
  );
}
