import { useEffect, useMemo, useState } from "react";
import { Documents, sessionDocuments, type KeptDocument } from "../../../state/assist/documents";
import { uploading } from "../../../state/uploading";
import { useApp, useStore } from "../../context";
import { useMeeting } from "../../room/room-context";
import { useSession } from "../session-context";
import { DocumentFault, type FaultKind, type OpenDocument } from "./document";
import { openDocument } from "./open-document";

/** The session's documents; null where there is no session that could have any. */
export function useDocuments(): Documents | null {
  const { api } = useApp();
  const meeting = useMeeting();
  const { id, token } = useSession();
  const documents = useMemo(
    () => (id === "" ? null : new Documents(sessionDocuments(api, id, token, uploading))),
    [api, id, token],
  );
  useEffect(() => {
    if (!documents) return;
    const onEvent: Parameters<typeof meeting.listeners.add>[0] = (event) => {
      if (event.event === "record_changed" && event.kind === "document") void documents.refresh();
    };
    void documents.refresh();
    meeting.listeners.add(onEvent);
    return () => {
      meeting.listeners.delete(onEvent);
    };
  }, [documents, meeting]);
  return documents;
}

/** The document of that id; undefined while it is not known. It is asked for when it came after the list was read. */
export function useKept(documents: Documents, id: string | undefined): KeptDocument | undefined {
  const list = useStore(documents.list);
  const kept = list?.find((document) => document.id === id);
  const isMissing = id !== undefined && list !== null && kept === undefined;
  useEffect(() => {
    if (isMissing) void documents.refresh();
  }, [documents, isMissing, id]);
  return kept;
}

/** Whether it was taken away: not in a list that was read just now either. */
export function useGone(documents: Documents, id: string, kept: KeptDocument | undefined): boolean {
  const [gone, setGone] = useState("");
  const isMissing = kept === undefined;
  useEffect(() => {
    if (!isMissing) return;
    let isOver = false;
    void documents.refresh().then(() => {
      if (!isOver && !documents.list.get()?.some((document) => document.id === id)) setGone(id);
    });
    return () => {
      isOver = true;
    };
  }, [documents, id, isMissing]);
  return isMissing && gone === id;
}

export type Opening =
  | { readonly kind: "opening" }
  | { readonly kind: "open"; readonly document: OpenDocument }
  | { readonly kind: "fault"; readonly fault: FaultKind; readonly again: () => void };

const OPENING: Opening = { kind: "opening" };

/** Opens the document, and closes it when another is wanted or nobody looks any more. */
export function useOpened(documents: Documents, kept: KeptDocument | undefined): Opening {
  const [state, setState] = useState<{ readonly id: string; readonly opening: Opening } | null>(null);
  const [turn, setTurn] = useState(0);
  const id = kept?.id;
  useEffect(() => {
    // The list is read again and again, and the document in it stays the same.
    const wanted = documents.list.get()?.find((document) => document.id === id);
    if (!wanted) return;
    let isGone = false;
    let open: OpenDocument | null = null;
    openDocument(documents, wanted).then(
      (document) => {
        if (isGone) document.close();
        else setState({ id: wanted.id, opening: { kind: "open", document: (open = document) } });
      },
      (cause: unknown) => {
        if (isGone) return;
        const fault = cause instanceof DocumentFault ? cause.kind : "broken";
        const again = (): void => setTurn((turn) => turn + 1);
        setState({ id: wanted.id, opening: { kind: "fault", fault, again } });
      },
    );
    return () => {
      isGone = true;
      open?.close();
      setState(null);
    };
  }, [documents, id, turn]);
  return state && state.id === id ? state.opening : OPENING;
}
