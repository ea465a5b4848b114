import { useQuery } from "@tanstack/react-query";
import { AlarmClock, Clock, Hourglass, Pause } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError } from "../../state/api";
import { BATCH_MAX } from "../../state/requests/batch";
import { NO_FILTERS, pathOf, scopesOf, type Filters } from "../../state/requests/filters";
import { said } from "../../state/requests/form";
import { Requests, searchOf } from "../../state/requests/requests";
import { NOTHING, toggled, within } from "../../state/requests/selection";
import type { Board, LaneName, RequestView, Scope } from "../../state/requests/shapes";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { Select } from "../ui/fields";
import { BatchBar } from "./batch-bar";
import { BatchDialog, useBatch } from "./batch-dialog";
import styles from "./board.module.css";
import { ClockChip, EscalatedChip, StateChip } from "./chips";
import { ChooseBox, requestPath, useRequestTitle, type Choosing } from "./request-row";
import lists from "./requests.module.css";
import { useServerNow } from "./use-server-now";
import { useRequestWords } from "./words";

const REFRESH_MS = 10_000;
const LANES = [
  { name: "late", icon: AlarmClock },
  { name: "soon", icon: Hourglass },
  { name: "later", icon: Clock },
  { name: "waiting", icon: Pause },
] as const;
const BOARD_SCOPES: readonly Scope[] = ["desk", "owned", "asked"];

export default function BoardPage({ query }: { query: string }) {
  const words = useRequestWords();
  return (
    <MemberFrame title={words.desk.title} refreshMs={REFRESH_MS}>
      {() => <BoardView query={query} />}
    </MemberFrame>
  );
}

/** What is open, by its clock: the lane on the left burns. */
function BoardView({ query }: { query: string }) {
  const { api, router } = useApp();
  const text = useText();
  const words = useRequestWords();
  const locale = useLocale();
  const titleOf = useRequestTitle();
  const requests = useMemo(() => new Requests(api), [api]);
  const wanted = new URLSearchParams(query);
  const scope = BOARD_SCOPES.find((one) => one === wanted.get("scope")) ?? "desk";
  const type = /^[0-9a-z]{26}$/.exec(wanted.get("type") ?? "")?.[0] ?? "";
  const go = (change: { scope?: string; type?: string }): void => {
    const next = { scope: scope as string, type, ...change };
    const search = searchOf({ ...next, scope: next.scope === "desk" ? "" : next.scope });
    router.replace(search ? `/requests/board?${search}` : "/requests/board");
  };
  const board = useQuery({
    queryKey: ["board", scope, type],
    queryFn: () => requests.board(scope, type),
  });
  const nowMs = useServerNow(board.data?.server_time_ms);
  const rows = useMemo(
    () => (board.data ? LANES.flatMap((lane) => board.data[lane.name].requests) : []),
    [board.data],
  );
  const ids = useMemo(() => rows.map((one) => one.id), [rows]);
  const batch = useBatch(requests, () => void board.refetch());
  const [chosen, setChosen] = useState(NOTHING);
  const selection = useMemo(() => within(chosen, ids), [chosen, ids]);
  const choosing: Choosing = {
    ids: selection.ids,
    onToggle: (id, reach) => setChosen(toggled(selection, id, reach, ids, BATCH_MAX)),
  };
  const chooseLane = (lane: readonly RequestView[], isOn: boolean): void => {
    const next = new Set(selection.ids);
    for (const one of lane)
      if (isOn) next.add(one.id);
      else next.delete(one.id);
    setChosen({ ids: next, anchor: lane[0]?.id ?? "" });
  };
  if (board.isError && !board.data) {
    const code = board.error instanceof ApiError ? board.error.code : "internal";
    return (
      <div className={pages.empty}>
        <h1>{code === "forbidden" ? words.desk.forbidden : words.desk.failed}</h1>
        <p>{text.errors[code]}</p>
        {code === "forbidden" ? (
          <ButtonLink href="/requests">{words.one.toList}</ButtonLink>
        ) : (
          <Button onPress={() => void board.refetch()}>{text.common.retry}</Button>
        )}
      </div>
    );
  }
  if (!board.data) return <p className={pages.soft}>{text.common.loading}…</p>;
  const { counts, types } = board.data;
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.desk.title}</h1>
        <div className={pages.actions}>
          <ButtonLink href="/requests">{words.title}</ButtonLink>
          <ButtonLink href="/requests/statistics">{words.statistics}</ButtonLink>
        </div>
      </div>
      <div className={styles.bar}>
        <Select
          label={words.desk.whose}
          hideLabel
          selected={scope}
          onChange={(id) => go({ scope: id })}
          options={BOARD_SCOPES.map((id) => ({ id, label: words.scopes[id] }))}
        />
        <Select
          label={words.type}
          hideLabel
          selected={type || "any"}
          onChange={(id) => go({ type: id === "any" ? "" : id })}
          options={[
            { id: "any", label: words.anyType },
            ...types.map((one) => ({ id: one.id, label: said(one.name, locale) })),
          ]}
        />
        <p className={styles.counts}>
          {(["unowned", "escalated", "mine"] as const).map((name) => (
            <span key={name}>
              <strong>{counts[name]}</strong> {words.desk.counts[name]}
            </span>
          ))}
        </p>
        <p className={styles.hint}>{words.desk.hint}</p>
      </div>
      <div className={styles.lanes}>
        {LANES.map(({ name, icon: Icon }) => (
          <section key={name} className={styles.lane} data-lane={name} data-testid={`lane-${name}`}>
            <div className={styles.laneHead}>
              {board.data[name].requests.length > 0 ? (
                <LaneBox
                  name={words.desk.chooseLane({ lane: words.desk.lanes[name] })}
                  rows={board.data[name].requests}
                  ids={selection.ids}
                  onChange={(isOn) => chooseLane(board.data[name].requests, isOn)}
                />
              ) : null}
              <Icon size={16} aria-hidden />
              <h2>{words.desk.lanes[name]}</h2>
              <span className={styles.count}>{board.data[name].count}</span>
            </div>
            <Lane
              board={board.data}
              name={name}
              nowMs={nowMs}
              choosing={choosing}
              all={pathOf({ ...NO_FILTERS, ...laneFilters(name), scope, type }, scopesOf(true))}
            />
          </section>
        ))}
      </div>
      {selection.ids.size > 0 ? (
        <BatchBar
          count={selection.ids.size}
          onNone={() => setChosen(NOTHING)}
          onDecide={(action) =>
            batch.ask(
              action,
              rows
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

/** The list that shows the whole of a lane, or begins with it. */
function laneFilters(name: LaneName): Partial<Filters> {
  if (name === "waiting") return { state: "needs_information" };
  return name === "late" ? { late: true, sort: "due" } : { sort: "due" };
}

function LaneBox({
  name,
  rows,
  ids,
  onChange,
}: {
  name: string;
  rows: readonly RequestView[];
  ids: ReadonlySet<string>;
  onChange: (isOn: boolean) => void;
}) {
  const count = rows.filter((one) => ids.has(one.id)).length;
  return (
    <input
      type="checkbox"
      aria-label={name}
      checked={count === rows.length}
      ref={(box) => {
        if (box) box.indeterminate = count > 0 && count < rows.length;
      }}
      onChange={(event) => onChange(event.target.checked)}
      data-testid="choose-lane"
    />
  );
}

function Lane({
  board,
  name,
  nowMs,
  choosing,
  all,
}: {
  board: Board;
  name: LaneName;
  nowMs: number;
  choosing: Choosing;
  all: string;
}) {
  const words = useRequestWords();
  const locale = useLocale();
  const titleOf = useRequestTitle();
  const { count, requests } = board[name];
  if (requests.length === 0) return <p className={styles.empty}>{words.desk.laneEmpty[name]}</p>;
  return (
    <>
      <ul className={styles.cards}>
        {requests.map((request) => (
          <li
            key={request.id}
            className={styles.card}
            data-chosen={choosing.ids.has(request.id) || undefined}
            data-testid="request"
            data-id={request.id}
          >
            <ChooseBox title={titleOf(request)} id={request.id} choosing={choosing} />
            <Link className={styles.cardLink ?? ""} href={requestPath(request)}>
              <strong>{titleOf(request)}</strong>
              <span className={styles.meta}>
                {said(request.type.name, locale)} · {request.organization.name}
              </span>
              <span className={styles.chips}>
                <ClockChip request={request} nowMs={nowMs} />
                {name === "waiting" ? null : <StateChip request={request} />}
                <EscalatedChip request={request} />
              </span>
              <span className={styles.meta}>
                {request.owner ? words.ownerIs({ name: request.owner.name }) : words.noOwner}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {count > requests.length ? (
        <Link className={lists.tab ?? ""} href={all}>
          {words.desk.showAll({ count })}
        </Link>
      ) : null}
    </>
  );
}
