import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { refreshMs, Symposiums, type SymposiumCard } from "../../state/symposiums";
import { useApp } from "../context";

export interface CardInHand {
  readonly api: Symposiums;
  readonly card: SymposiumCard | undefined;
  readonly cause: unknown;
  readonly retry: () => void;
  /** Of the last change, null when it went well. */
  readonly failed: unknown;
  /** Makes a change of what is latest, once those before it are made, and shows what came of it; whether it went well. */
  readonly take: (change: Change) => Promise<boolean>;
}

export type Change = (card: SymposiumCard) => Promise<SymposiumCard>;

/** One symposium, asked for again as often as it may change. */
export function useCard(id: string): CardInHand {
  const { api } = useApp();
  const symposiums = useMemo(() => new Symposiums(api), [api]);
  const client = useQueryClient();
  const [failed, setFailed] = useState<unknown>(null);
  const query = useQuery({
    queryKey: ["symposium", id],
    queryFn: () => symposiums.get(id),
    refetchInterval: (one) => refreshMs(one.state.data),
  });
  const made = useRef<Promise<unknown>>(Promise.resolve());
  const take = useCallback(
    (change: Change): Promise<boolean> => {
      const queryKey = ["symposium", id];
      const next = async (): Promise<boolean> => {
        setFailed(null);
        try {
          const latest = client.getQueryData<SymposiumCard>(queryKey);
          if (!latest) return false;
          const card = await change(latest);
          await client.cancelQueries({ queryKey });
          client.setQueryData(queryKey, card);
          return true;
        } catch (cause) {
          setFailed(cause);
          await client.invalidateQueries({ queryKey });
          return false;
        }
      };
      const result = made.current.then(next);
      made.current = result;
      return result;
    },
    [client, id],
  );
  const { refetch } = query;
  return {
    api: symposiums,
    card: query.data,
    cause: query.isError ? query.error : null,
    retry: () => void refetch(),
    failed,
    take,
  };
}
