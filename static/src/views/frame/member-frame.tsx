import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useMemo, type ReactNode } from "react";
import { ApiError, type Me } from "../../state/api";
import { useApp, useStore, useText } from "../context";
import { AccountMenu } from "../pages/account-menu";
import { PageFrame } from "../pages/page-frame";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { RingDialog } from "../calls/ring-dialog";
import { Bell } from "../inbox/bell";
import { Rail } from "./rail";
import { useDeskLine } from "./use-line";

const STALE_MS = 5_000;

/** Once, what may pass by itself: whoever is refused is so the second time, too. */
function mayTryAgain(failures: number, error: unknown): boolean {
  const isRefused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return failures < 1 && !isRefused;
}

/**
 * A page for people with an account, with the rail; others sign in first and come back.
 * What is shown is asked for again every `refreshMs`.
 */
export function MemberFrame({
  title,
  refreshMs,
  children,
}: {
  title: string;
  refreshMs: number;
  children: (me: Me) => ReactNode;
}) {
  const { account, router } = useApp();
  const text = useText();
  const state = useStore(account.state);
  const client = useMemo(
    () =>
      new QueryClient({
        defaultOptions: { queries: { staleTime: STALE_MS, refetchInterval: refreshMs, retry: mayTryAgain } },
      }),
    [refreshMs],
  );
  const signedOut = state.kind === "known" && state.me.account === null;
  useEffect(() => {
    const here = window.location.pathname + window.location.search;
    if (signedOut) router.replace(`/sign-in?next=${encodeURIComponent(here)}`);
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
      <Framed title={title} me={state.me} accountId={state.me.account.id}>
        {children(state.me)}
      </Framed>
    </QueryClientProvider>
  );
}

function Framed({
  title,
  me,
  accountId,
  children,
}: {
  title: string;
  me: Me;
  accountId: string;
  children: ReactNode;
}) {
  const { api } = useApp();
  const line = useDeskLine(accountId, api);
  const header = (
    <>
      <Bell line={line} />
      <AccountMenu me={me} />
    </>
  );
  return (
    <PageFrame title={title} header={header} rail={<Rail me={me} />}>
      {children}
      <RingDialog line={line} accountId={accountId} />
    </PageFrame>
  );
}
