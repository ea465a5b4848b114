import { useEffect, useState } from "react";
import type { DocumentRegion } from "../../../protocol.gen";
import { useSelected } from "../../context";
import { useMeeting } from "../../room/room-context";

export interface Reading {
  /** Null while nobody shows anything. */
  readonly region: DocumentRegion | null;
  readonly isOpen: boolean;
  readonly open: (isOpen: boolean) => void;
}

/** What an expert shows: opens by itself when it is another document, and stays away once it was put away. */
export function useReading(): Reading {
  const meeting = useMeeting();
  const shown = useSelected(meeting.view, (view) => view?.document ?? null);
  const [closed, setClosed] = useState<string | null>(null);
  const id = shown?.region.document_id ?? null;
  useEffect(() => {
    if (id === null) setClosed(null);
  }, [id]);
  return {
    region: shown?.region ?? null,
    isOpen: id !== null && id !== closed,
    open: (isOpen: boolean): void => setClosed(isOpen ? null : id),
  };
}
