import { Link } from "react-aria-components";
import { isOpen } from "../../state/requests/clock";
import { said } from "../../state/requests/form";
import type { RequestView } from "../../state/requests/shapes";
import { useLocale } from "../context";
import { ClockChip, EscalatedChip, StateChip } from "./chips";
import styles from "./requests.module.css";
import { useRequestWords } from "./words";

export const requestPath = (request: Pick<RequestView, "id" | "state">): string =>
  request.state === "draft" ? `/requests/new?draft=${request.id}` : `/requests/${request.id}`;

export function useRequestTitle(): (request: RequestView) => string {
  const locale = useLocale();
  return (request) => request.title || said(request.type.name, locale);
}

/** Choosing a row for a batch; `reach`: with shift, all from the last one. */
export interface Choosing {
  readonly ids: ReadonlySet<string>;
  readonly onToggle: (id: string, reach: boolean) => void;
}

export function RequestRow({
  request,
  nowMs,
  choosing,
}: {
  request: RequestView;
  nowMs: number;
  choosing?: Choosing | undefined;
}) {
  const words = useRequestWords();
  const locale = useLocale();
  const title = useRequestTitle()(request);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const isChosen = choosing?.ids.has(request.id) ?? false;
  return (
    <li className={styles.row} data-chosen={isChosen || undefined} data-testid="request" data-id={request.id}>
      {choosing ? <ChooseBox title={title} id={request.id} choosing={choosing} /> : null}
      <Link className={styles.rowLink ?? ""} href={requestPath(request)}>
        <span className={styles.rowMain}>
          <span className={styles.rowTitle}>{title}</span>
          <span className={styles.rowMeta}>
            <span className="tabular">{request.number}</span>
            <span>{said(request.type.name, locale)}</span>
            <span>{request.organization.name}</span>
            <span>{request.requester.name}</span>
            <span className="tabular">{day.format(request.submitted_at_ms || request.created_at_ms)}</span>
          </span>
        </span>
        <span className={styles.rowSide}>
          <span className={styles.chips}>
            <ClockChip request={request} nowMs={nowMs} />
            <StateChip request={request} />
          </span>
          <span className={styles.rowMeta}>
            <EscalatedChip request={request} />
            {request.owner ? (
              <span>{words.ownerIs({ name: request.owner.name })}</span>
            ) : isOpen(request) ? (
              <span>{words.noOwner}</span>
            ) : null}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** A native box: with shift, a click chooses a range. */
export function ChooseBox({ title, id, choosing }: { title: string; id: string; choosing: Choosing }) {
  const words = useRequestWords();
  return (
    <label className={styles.box}>
      <input
        type="checkbox"
        aria-label={words.desk.choose({ title })}
        checked={choosing.ids.has(id)}
        onChange={(event) => choosing.onToggle(id, (event.nativeEvent as MouseEvent).shiftKey)}
        data-testid="choose"
      />
    </label>
  );
}
