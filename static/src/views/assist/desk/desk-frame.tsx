import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, type ReactNode } from "react";
import { ApiError, type Me } from "../../../state/api";
import { Desk } from "../../../state/assist/desk";
import { useApp, useStore, useText } from "../../context";
import { AccountMenu } from "../../pages/account-menu";
import { PageFrame } from "../../pages/page-frame";
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
  const { account, api, router } = useApp();
  const text = useText();
  const state = useStore(account.state);
  const client = useMemo(
    () =>
      new QueryClient({
        defaultOptions: { queries: { staleTime: 5_000, refetchInterval: REFRESH_MS, retry: 1 } },
      }),
    [],
  );
  const desk = useMemo(() => new Desk(api), [api]);
  const signedOut = state.kind === "known" && state.me.account === null;
  useEffect(() => {
    if (signedOut) router.replace(`/sign-in?next=${encodeURIComponent(window.location.pathname)}`);
  }, [signedOut, router]);
  if (state.kind === "unreachable")
    return (
      <PageFrame title={title}>
        <div className={pages.empty}>
          <h1>{text.errors.unavailable}</h1>
          <Button onPress={() => void account.load()}>{text.common.retry}</Button>
        </div>
      </PageFrame>
    );
  if (state.kind !== "known" || state.me.account === null) return null;
  return (
    <QueryClientProvider client={client}>
      <PageFrame title={title} header={<AccountMenu me={state.me} />}>
        <DeskContext value={{ desk, me: state.me }}>{children}</DeskContext>
      </PageFrame>
    </QueryClientProvider>
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
