import type { ReactNode } from "react";
import type { Code } from "../../protocol.gen";
import { useApp, useStore, useText } from "../context";
import { PageFrame } from "../pages/page-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import styles from "./door.module.css";

/** After the meeting: what happened, and the way back where there is one. */
export function OverView({
  end,
  code,
  again,
  said,
  home,
  children,
}: {
  end: "left" | Code;
  code: string;
  again: () => void;
  /** Title and sentence where it is no meeting. */
  said?: Readonly<Record<"left" | "room_ended", readonly [string, string]>>;
  /** Where else to go, where that is not the meetings; null: nowhere. */
  home?: Readonly<{ href: string; label: string }> | null;
  /** What else there is to take along. */
  children?: ReactNode;
}) {
  const { account } = useApp();
  const text = useText();
  const state = useStore(account.state);
  const signedIn = state.kind === "known" && state.me.account !== null;
  const [title, sentence] = said && (end === "left" || end === "room_ended") ? said[end] : wordsOf(end, text);
  const back = backOf(end, signedIn);
  const usual = signedIn
    ? { href: "/home", label: text.over.toMeetings }
    : { href: "/", label: text.over.toHome };
  const goal = home === undefined ? usual : home;
  return (
    <PageFrame title={title}>
      <div className={styles.waiting} data-testid="left-page" data-reason={end}>
        <div className={styles.calm}>
          <h1>{title}</h1>
          <p className={pages.soft}>{sentence}</p>
          <div className={pages.actions}>
            {back === "rejoin" ? (
              <Button tone="primary" large onPress={again} autoFocus>
                {againWord(end, text)}
              </Button>
            ) : back === "sign_in" ? (
              <ButtonLink tone="primary" large href={`/sign-in?next=${encodeURIComponent(`/m/${code}`)}`}>
                {text.door.signInInstead}
              </ButtonLink>
            ) : null}
            {goal ? (
              <ButtonLink large href={goal.href}>
                {goal.label}
              </ButtonLink>
            ) : null}
          </div>
          {children}
        </div>
      </div>
    </PageFrame>
  );
}

function wordsOf(end: "left" | Code, text: ReturnType<typeof useText>): [string, string] {
  switch (end) {
    case "left":
      return [text.over.left, text.over.leftText];
    case "room_ended":
      return [text.over.room_ended, text.over.room_endedText];
    case "removed":
      return [text.over.removed, text.over.removedText];
    case "denied":
      return [text.over.denied, text.over.deniedText];
    case "replaced":
      return [text.over.replaced, text.over.replacedText];
    default:
      return [text.over.titles[end] ?? text.over.other, text.errors[end]];
  }
}

function againWord(end: "left" | Code, text: ReturnType<typeof useText>): string {
  switch (end) {
    case "left":
      return text.over.rejoin;
    case "replaced":
      return text.over.useHere;
    case "denied":
      return text.over.askAgain;
    default:
      return text.common.retry;
  }
}

function backOf(end: "left" | Code, wasSignedIn: boolean): "rejoin" | "sign_in" | null {
  if (end === "sign_in_required" || (end === "unauthenticated" && wasSignedIn)) return "sign_in";
  if (end === "removed" || end === "room_ended" || end === "room_not_found") return null;
  return "rejoin";
}
