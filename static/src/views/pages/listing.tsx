import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { ApiError } from "../../state/api";
import { useText } from "../context";
import { Button } from "../ui/button";
import styles from "./page.module.css";

/** A list that the server gives in pages; a page is asked for by the last id of the one before. */
export interface Listing<Page, Row> {
  readonly query: UseInfiniteQueryResult<InfiniteData<Page>>;
  /** For what comes beside the rows: counts, the day, what one may do. */
  readonly first: Page | undefined;
  readonly rows: readonly Row[];
}

interface ListingOptions {
  /** While another search is under way, what the last one found stays. */
  readonly staysWhileAsking?: boolean;
  /** To be asked for only when somebody wants to see it, and never again by itself: looking is recorded. */
  readonly onlyWhen?: boolean;
}

export function useListing<Page extends { readonly more: boolean }, Row extends { readonly id: string }>(
  key: readonly unknown[],
  read: (after: string) => Promise<Page>,
  rowsOf: (page: Page) => readonly Row[],
  { staysWhileAsking = false, onlyWhen }: ListingOptions = {},
): Listing<Page, Row> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => (last.more ? (rowsOf(last).at(-1)?.id ?? null) : null),
    ...(staysWhileAsking
      ? { placeholderData: (before: InfiniteData<Page, string> | undefined) => before }
      : {}),
    ...(onlyWhen === undefined
      ? {}
      : {
          enabled: onlyWhen,
          refetchInterval: false as const,
          refetchOnWindowFocus: false,
          refetchOnReconnect: false,
        }),
  });
  return { query, first: query.data?.pages[0], rows: query.data?.pages.flatMap(rowsOf) ?? [] };
}

/** A page's whole list: its rows, or why there are none. */
export function ListOf<Page, Row extends { readonly id: string }>({
  listing: { query, rows },
  shown = rows,
  empty,
  testId,
  children,
}: {
  listing: Listing<Page, Row>;
  /** Those of the rows that are wanted, in the order wanted. */
  shown?: readonly Row[];
  empty: ReactNode;
  testId?: string;
  children: (row: Row) => ReactNode;
}) {
  const text = useText();
  return (
    <>
      {query.isError ? (
        <div className={styles.empty}>
          <h2>{text.common.listFailed}</h2>
          <p>{text.errors[query.error instanceof ApiError ? query.error.code : "internal"]}</p>
          <Button onPress={() => void query.refetch()}>{text.common.retry}</Button>
        </div>
      ) : query.isPending ? (
        <p className={styles.soft}>{text.common.loading}…</p>
      ) : shown.length === 0 ? (
        empty
      ) : (
        <ul className={styles.list} {...(testId ? { "data-testid": testId } : {})}>
          {shown.map((row) => (
            <Fragment key={row.id}>{children(row)}</Fragment>
          ))}
        </ul>
      )}
      <More query={query} />
    </>
  );
}

/** For the next page; nothing after the last. */
export function More<Page>({ query }: { query: UseInfiniteQueryResult<InfiniteData<Page>> }) {
  const text = useText();
  return query.hasNextPage ? (
    <div className={styles.moreRow}>
      <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
        {text.common.showMore}
      </Button>
    </div>
  ) : null;
}
