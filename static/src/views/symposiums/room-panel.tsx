import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useEffect, useMemo } from "react";
import { useSelected } from "../context";
import { useMeeting } from "../room/room-context";
import { SidePanel } from "../room/side-panel";
import type { Issue } from "../../state/symposiums";
import { Fault } from "../ui/dialog";
import { Agenda } from "./agenda";
import { Board } from "./board";
import styles from "./symposiums.module.css";
import { useCard } from "./use-card";
import { useFaultText, useSymposiumWords } from "./words";

/** The board and the agenda beside the stage; who leads takes it forward from here. */
export default function SymposiumPanel({ id }: { id: string }) {
  const words = useSymposiumWords();
  const client = useMemo(() => new QueryClient({ defaultOptions: { queries: { retry: 1 } } }), []);
  return (
    <QueryClientProvider client={client}>
      <SidePanel title={words.panel} closeName={words.panelClose} testId="symposium-panel">
        <Inside id={id} />
      </SidePanel>
    </QueryClientProvider>
  );
}

function Inside({ id }: { id: string }) {
  const meeting = useMeeting();
  const client = useQueryClient();
  const words = useSymposiumWords();
  const faultText = useFaultText();
  const hand = useCard(id);
  const names = useSelected(meeting.view, (view) =>
    Object.values(view?.participants ?? {})
      .map((one) => one.name)
      .join("\n"),
  );
  useEffect(() => {
    const onEvent: Parameters<typeof meeting.listeners.add>[0] = (event) => {
      if (event.event === "record_changed" && event.kind === "symposium")
        void client.invalidateQueries({ queryKey: ["symposium", id] });
    };
    meeting.listeners.add(onEvent);
    return () => void meeting.listeners.delete(onEvent);
  }, [meeting, client, id]);
  const { card } = hand;
  if (!card) return null;
  const { symposium } = card;
  const show = (issue: Issue): void =>
    void hand.take((latest) => hand.api.show(symposium.id, latest.symposium.revision, issue.id, issue.name));
  return (
    <div className={styles.inRoom}>
      {hand.failed !== null ? <Fault>{faultText(hand.failed)}</Fault> : null}
      <Board card={card} hand={hand} people={names.split("\n")} />
      <Agenda card={card} hand={hand} {...(card.leads ? { onShow: show } : {})} />
      <a className={styles.toPage} href={`/symposiums/${id}`} target="_blank" rel="noopener">
        {words.page}
        <ExternalLink size={14} aria-hidden />
      </a>
    </div>
  );
}
