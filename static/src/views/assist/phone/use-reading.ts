import { useEffect, useState } from "react";
import type { DocumentRegion } from "../../../protocol.gen";
import { useSelected } from "../../context";
import { useMeeting } from "../../room/room-context";

export interface Reading {
  /** Null while nobody shows anything, and nothing was looked up. */
  readonly region: DocumentRegion | null;
  readonly isOpen: boolean;
  readonly open: (isOpen: boolean) => void;
  /** At what a mark is linked to, until an expert shows something else. */
  readonly look: (region: DocumentRegion) => void;
}

/** What an expert shows: opens by itself when it is another document, and stays away once it was put away. */
export function useReading(): Reading {
  const meeting = useMeeting();
  const shown = useSelected(meeting.view, (view) => view?.document ?? null);
  const [own, setOwn] = useState<DocumentRegion | null>(null);
  const [closed, setClosed] = useState<string | null>(null);
  useEffect(() => {
    setOwn(null);
    if (shown === null) setClosed(null);
  }, [shown]);
  const region = own ?? shown?.region ?? null;
  return {
    region,
    isOpen: own !== null || (region !== null && region.document_id !== closed),
    open: (isOpen) => {
      setOwn(null);
      setClosed(isOpen ? null : (shown?.region.document_id ?? null));
    },
    look: setOwn,
  };
}
