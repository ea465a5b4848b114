import { createContext, useContext, useMemo, type ReactNode } from "react";
import { ApiError, type Me } from "../../../state/api";
import { Desk } from "../../../state/assist/desk";
import { useApp, useText } from "../../context";
import { MemberFrame } from "../../frame/member-frame";
import pages from "../../pages/page.module.css";
import { Button, ButtonLink } from "../../ui/button";
import { useDeskWords } from "./words";

const REFRESH_MS = 20_000;

interface AtDesk {
  readonly desk: Desk;
  readonly me: Me;
}

const DeskContext = createContext<AtDesk | null>(null);

export function useDesk(): AtDesk {
  const value = useContext(DeskContext);
  if (!value) throw new Error("DeskContext is missing");
  return value;
}

/** A page of assistance for members; others sign in first and come back. */
export function DeskFrame({ title, children }: { title: string; children: ReactNode }) {
  const { api } = useApp();
  const desk = useMemo(() => new Desk(api), [api]);
  return (
    <MemberFrame title={title} refreshMs={REFRESH_MS}>
      {(me) => <DeskContext value={{ desk, me }}>{children}</DeskContext>}
    </MemberFrame>
  );
}

/** What stands where something could not be loaded. */
export function NotLoaded({ cause, retry }: { cause: unknown; retry?: () => void }) {
  const text = useText();
  const words = useDeskWords();
  return (
    <div className={pages.empty}>
      <h2>{words.failed}</h2>
      <p>{text.errors[cause instanceof ApiError ? cause.code : "internal"]}</p>
      {retry ? <Button onPress={retry}>{text.common.retry}</Button> : null}
      <ButtonLink href="/assist">{words.toDesk}</ButtonLink>
    </div>
  );
}
