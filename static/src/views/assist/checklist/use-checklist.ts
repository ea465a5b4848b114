import { useEffect, useState } from "react";
import { Checklist } from "../../../state/assist/checklist";
import { sessionWork } from "../../../state/assist/session-work";
import { systemClock } from "../../../state/clock";
import { useApp } from "../../context";
import { useMeeting } from "../../room/room-context";
import { useSession } from "../session-context";

/** The session's checklist: lives as long as the page, so that what is entered without a line is sent later. */
export function useChecklist(): Checklist | null {
  const { api } = useApp();
  const meeting = useMeeting();
  const { id, token, name } = useSession();
  const [checklist, setChecklist] = useState<Checklist | null>(null);
  useEffect(() => {
    if (id === "") return;
    const made = new Checklist(sessionWork(api, id, token), storage(), id, systemClock, name);
    const sync = (): void => void made.sync();
    const onEvent: Parameters<typeof meeting.listeners.add>[0] = (event) => {
      if (event.event === "record_changed" && event.kind === "run") sync();
    };
    void made.open();
    meeting.listeners.add(onEvent);
    window.addEventListener("online", sync);
    setChecklist(made);
    return () => {
      meeting.listeners.delete(onEvent);
      window.removeEventListener("online", sync);
      made.close();
    };
  }, [api, meeting, id, token, name]);
  return checklist;
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    // Refused, as in some embedded browsers: what is entered lasts as long as the page.
    return null;
  }
}
