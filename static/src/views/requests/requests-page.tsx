import { useInfiniteQuery, useQuery, type InfiniteData } from "@tanstack/react-query";
import { ClipboardList, Plus } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError, type Me } from "../../state/api";
import { BATCH_MAX } from "../../state/requests/batch";
import {
  filtersOf,
  isFiltered,
  NO_FILTERS,
  pathOf,
  queryOf,
  scopesOf,
  STATES,
  type Filters,
} from "../../state/requests/filters";
import { said } from "../../state/requests/form";
import { exportUrl, Requests } from "../../state/requests/requests";
import { all, NOTHING, toggled, within } from "../../state/requests/selection";
import type { RequestPage, RequestState, TypeBrief } from "../../state/requests/shapes";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { Select, TextField } from "../ui/fields";
import { Menu, MenuItem } from "../ui/menu";
import { BatchBar } from "./batch-bar";
import { BatchDialog, useBatch } from "./batch-dialog";
import { RequestRow, useRequestTitle } from "./request-row";
import styles from "./requests.module.css";
import { useServerNow } from "./use-server-now";
import { useRequestWords } from "./words";

const REFRESH_MS = 20_000;
const PAGE_SIZE = 50;
const BATCH_PAGE_SIZE = 100;
const TYPING_MS = 300;
const PLACES_MAX = 20;

type Loaded = InfiniteData<RequestPage>;

/** Where each list was left, so that it is the same when one comes back.  Of this tab, until it is loaded again. */
const places = new Map<string, { readonly data: Loaded; readonly top: number }>();

export default function RequestsPage({ query }: { query: string }) {
  const words = useRequestWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <RequestList me={me} query={query} />}
    </MemberFrame>
  );
}

export const isOfPark = (me: Me): boolean => me.memberships.some((one) => one.organization.kind === "park");
export const isOfDesk = (me: Me): boolean =>
  me.memberships.some(
    (one) =>
      one.organization.kind === "park" &&
      (one.roles.includes("officer") || one.roles.includes("administrator")),
  );

function RequestList({ me, query }: { me: Me; query: string }) {
  const { api, router } = useApp();
  const text = useText();
  const words = useRequestWords();
  const locale = useLocale();
  const requests = useMemo(() => new Requests(api), [api]);
  const scopes = useMemo(() => scopesOf(isOfPark(me)), [me]);
  const filters = useMemo(() => filtersOf(query, scopes), [query, scopes]);
  const go = (change: Partial<Filters>): void => router.replace(pathOf({ ...filters, ...change }, scopes));
  const works = filters.scope !== "mine" && filters.scope !== "company";
  const size = works ? BATCH_PAGE_SIZE : PAGE_SIZE;

  const place = `${me.account?.id ?? ""} ${pathOf(filters, scopes)}`;
  const left = places.get(place);
  const list = useInfiniteQuery({
    queryKey: ["requests", filters],
    queryFn: ({ pageParam }) =>
      requests.list({ ...queryOf(filters), limit: size, before: String(pageParam) }),
    initialPageParam: "",
    getNextPageParam: (last: RequestPage) => (last.more ? (last.requests.at(-1)?.id ?? null) : null),
    ...(left ? { initialData: left.data, initialDataUpdatedAt: 0 } : {}),
  });
  useKeptPlace(place, list.data);
  const found = useMemo(() => {
    // A page that moved on between two questions may bring one twice.
    const rows = list.data?.pages.flatMap((page) => page.requests) ?? [];
    return [...new Map(rows.map((one) => [one.id, one])).values()];
  }, [list.data]);
  const nowMs = useServerNow(list.data?.pages.at(-1)?.server_time_ms);
  const ids = useMemo(() => found.map((one) => one.id), [found]);

  const titleOf = useRequestTitle();
  const batch = useBatch(requests, () => void list.refetch());
  const [chosen, setChosen] = useState(NOTHING);
  const selection = useMemo(() => within(chosen, ids), [chosen, ids]);
  useEffect(() => setChosen(NOTHING), [place]);
  const choosing = works
    ? {
        ids: selection.ids,
        onToggle: (id: string, reach: boolean) => setChosen(toggled(selection, id, reach, ids, BATCH_MAX)),
      }
    : undefined;
  const chooseAll = async (): Promise<void> => {
    let data = list.data;
    while (data && data.pages.at(-1)?.more && data.pages.length * size < BATCH_MAX)
      data = (await list.fetchNextPage()).data;
    const rows = data?.pages.flatMap((page) => page.requests.map((one) => one.id)) ?? [];
    setChosen(all([...new Set(rows)], BATCH_MAX));
  };

  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.title}</h1>
        <div className={pages.actions}>
          <ButtonLink tone="primary" href="/requests/new">
            <Plus size={16} aria-hidden />
            {words.newRequest}
          </ButtonLink>
          {isOfDesk(me) ? (
            <>
              <ButtonLink href="/requests/board">{words.board}</ButtonLink>
              <ButtonLink href="/requests/statistics">{words.statistics}</ButtonLink>
            </>
          ) : null}
          {me.features.administer_park ? <ButtonLink href="/request-types">{words.types}</ButtonLink> : null}
        </div>
      </div>
      <nav className={styles.tabs} aria-label={words.scopesName}>
        {scopes.map((scope) => (
          <Link
            key={scope}
            className={styles.tab ?? ""}
            href={pathOf({ ...NO_FILTERS, scope }, scopes)}
            data-testid={`scope-${scope}`}
            {...(scope === filters.scope ? { "aria-current": "page" as const } : {})}
          >
            {words.scopes[scope]}
          </Link>
        ))}
      </nav>
      <FilterBar filters={filters} onChange={go} requests={requests} found={found.map((one) => one.type)} />
      <div className={styles.underbar}>
        {isFiltered(filters) ? (
          <Button tone="quiet" onPress={() => go(NO_FILTERS)}>
            {words.clear}
          </Button>
        ) : null}
        {works && found.length > 0 ? (
          <Button tone="quiet" onPress={() => void chooseAll()} testId="choose-all">
            {words.desk.chooseAll}
          </Button>
        ) : null}
        <span className={styles.spacer} />
        <Menu label={words.exportAs} trigger={<Button>{words.exportAs}</Button>}>
          <MenuItem onAction={() => window.location.assign(exportUrl(queryOf(filters), "csv", locale))}>
            {words.exportCsv}
          </MenuItem>
          <MenuItem onAction={() => window.location.assign(exportUrl(queryOf(filters), "xlsx", locale))}>
            {words.exportXlsx}
          </MenuItem>
        </Menu>
      </div>
      {list.isError && !list.data ? (
        <div className={pages.empty}>
          <h2>{words.failed}</h2>
          <p>{text.errors[list.error instanceof ApiError ? list.error.code : "internal"]}</p>
          <Button onPress={() => void list.refetch()}>{text.common.retry}</Button>
        </div>
      ) : list.isPending ? (
        <p className={pages.soft}>{text.common.loading}…</p>
      ) : found.length === 0 ? (
        <Empty filters={filters} onClear={() => go(NO_FILTERS)} />
      ) : (
        <ul className={styles.list} data-testid="requests">
          {found.map((request) => (
            <RequestRow key={request.id} request={request} nowMs={nowMs} choosing={choosing} />
          ))}
        </ul>
      )}
      {list.hasNextPage ? (
        <More isLoading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
      ) : null}
      {works && selection.ids.size > 0 ? (
        <BatchBar
          count={selection.ids.size}
          onNone={() => setChosen(NOTHING)}
          onDecide={(action) =>
            batch.ask(
              action,
              found
                .filter((one) => selection.ids.has(one.id))
                .map((one) => ({ id: one.id, name: `${one.number} ${titleOf(one)}` })),
            )
          }
        />
      ) : null}
      <BatchDialog
        batch={batch}
        onKeep={(refused) => setChosen({ ids: new Set(refused), anchor: refused[0] ?? "" })}
      />
    </>
  );
}

/** Keeps what was loaded and how far one had scrolled, and is there again when the page is. */
function useKeptPlace(place: string, data: Loaded | undefined): void {
  const latest = useRef(data);
  const top = useRef(0);
  useEffect(() => {
    latest.current = data;
  }, [data]);
  useLayoutEffect(() => {
    const left = places.get(place);
    window.scrollTo({ top: left?.top ?? 0 });
    top.current = left?.top ?? 0;
    // While the page goes away the document is shorter already: the last place that was seen counts.
    const onScroll = (): void => {
      top.current = window.scrollY;
    };
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      window.removeEventListener("scroll", onScroll);
      if (!latest.current) return;
      places.delete(place);
      places.set(place, { data: latest.current, top: top.current });
      const oldest = places.keys().next().value;
      if (places.size > PLACES_MAX && oldest !== undefined) places.delete(oldest);
    };
  }, [place]);
}

function FilterBar({
  filters,
  onChange,
  requests,
  found,
}: {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
  requests: Requests;
  found: readonly TypeBrief[];
}) {
  const words = useRequestWords();
  const locale = useLocale();
  const [typed, setTyped] = useState(filters.search);
  const change = useRef(onChange);
  useEffect(() => {
    change.current = onChange;
  });
  useEffect(() => setTyped(filters.search), [filters.search]);
  useEffect(() => {
    if (typed.trim() === filters.search) return;
    const timer = setTimeout(() => change.current({ search: typed.trim() }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, filters.search]);
  const types = useQuery({
    queryKey: ["request-types"],
    queryFn: () => requests.types(),
    refetchInterval: false,
    staleTime: Infinity,
  });
  const names = new Map<string, string>();
  for (const type of types.data?.types ?? [])
    if (type.definition) names.set(type.id, said(type.definition.name, locale));
  for (const type of found) names.set(type.id, said(type.name, locale));
  return (
    <div className={styles.toolbar}>
      <TextField
        label={words.search}
        placeholder={words.search}
        type="search"
        hideLabel
        value={typed}
        onChange={setTyped}
        maxLength={80}
        testId="search"
      />
      <Select
        label={words.state}
        hideLabel
        selected={filters.state || "any"}
        onChange={(id) => onChange({ state: id === "any" ? "" : (id as RequestState) })}
        options={[
          { id: "any", label: words.anyState },
          ...STATES.filter((state) => state !== "draft" || filters.scope === "mine").map((state) => ({
            id: state,
            label: words.states[state],
          })),
        ]}
      />
      <Select
        label={words.type}
        hideLabel
        selected={filters.type || "any"}
        onChange={(id) => onChange({ type: id === "any" ? "" : id })}
        options={[{ id: "any", label: words.anyType }, ...[...names].map(([id, label]) => ({ id, label }))]}
      />
      <Select
        label={words.sort}
        hideLabel
        selected={filters.sort}
        onChange={(id) => onChange({ sort: id as Filters["sort"] })}
        options={(["newest", "due"] as const).map((id) => ({ id, label: words.sorts[id] }))}
      />
      <label className={styles.tickRow}>
        <input
          type="checkbox"
          checked={filters.late}
          onChange={(event) => onChange({ late: event.target.checked })}
        />
        {words.onlyLate}
      </label>
    </div>
  );
}

function Empty({ filters, onClear }: { filters: Filters; onClear: () => void }) {
  const words = useRequestWords();
  const filtered = isFiltered(filters);
  const said = words.empty[filters.scope];
  return (
    <div className={pages.empty} data-testid="no-requests">
      <ClipboardList size={40} strokeWidth={1.5} aria-hidden />
      <h2>{filtered ? words.noMatch : said.title}</h2>
      <p>{filtered ? words.noMatchText : said.text}</p>
      {filtered ? (
        <Button onPress={onClear}>{words.clear}</Button>
      ) : filters.scope === "mine" ? (
        <ButtonLink tone="primary" href="/requests/new">
          {words.newRequest}
        </ButtonLink>
      ) : null}
    </div>
  );
}

/** The next page comes by itself when its place is near. */
function More({ isLoading, onMore }: { isLoading: boolean; onMore: () => void }) {
  const words = useRequestWords();
  const place = useRef<HTMLDivElement>(null);
  const more = useRef(onMore);
  useEffect(() => {
    more.current = onMore;
  });
  useEffect(() => {
    if (isLoading || !place.current) return;
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) more.current();
      },
      { rootMargin: "400px" },
    );
    seen.observe(place.current);
    return () => seen.disconnect();
  }, [isLoading]);
  return (
    <div className={pages.moreRow} ref={place}>
      <Button isPending={isLoading} onPress={onMore}>
        {isLoading ? words.loadingMore : words.more}
      </Button>
    </div>
  );
}
