import { X } from "lucide-react";
import { useEffect, useMemo } from "react";
import type { RoomView } from "../../../protocol.gen";
import type { Checklist } from "../../../state/assist/checklist";
import { Reports, sessionReports } from "../../../state/assist/reports";
import { useApp } from "../../context";
import { useMeeting } from "../../room/room-context";
import { IconButton } from "../../ui/button";
import { ChecklistPanel } from "../checklist/checklist-panel";
import { ReportPanel } from "../report-panel";
import { useSession } from "../session-context";
import { useDesk } from "./desk-context";
import { NameplatePanel } from "./nameplate-panel";
import styles from "./expert.module.css";
import { useExpertText } from "./words";

/** What is worked through and signed, and the report of it. */
export function WorkPanel({
  view,
  checklist,
  onStill,
  onClose,
}: {
  view: RoomView;
  checklist: Checklist;
  onStill: (markId: string) => void;
  onClose: () => void;
}) {
  const { api } = useApp();
  const meeting = useMeeting();
  const { desk } = useDesk();
  const { id, token, role, name } = useSession();
  const text = useExpertText();
  const reports = useMemo(() => new Reports(sessionReports(api, id, token)), [api, id, token]);
  useEffect(() => {
    const onEvent: Parameters<typeof meeting.listeners.add>[0] = (event) => {
      if (event.event === "record_changed" && event.kind === "report") void reports.load();
    };
    meeting.listeners.add(onEvent);
    return () => {
      meeting.listeners.delete(onEvent);
    };
  }, [meeting, reports]);
  const numbered = useMemo(() => Object.values(view.marks).filter(({ number }) => number > 0), [view.marks]);
  return (
    <aside className={styles.panel} aria-label={text.work.title} data-testid="work-panel">
      <header className={styles.panelHead}>
        <h2>{text.work.title}</h2>
        <span className={styles.spring} />
        <IconButton name={text.work.close} onPress={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      <div className={styles.work}>
        <ChecklistPanel
          checklist={checklist}
          role={role}
          name={name}
          isMember={token === ""}
          numberedMarks={numbered}
          takePhoto={null}
          showMark={(markId) => {
            desk.marks.selected.set(markId);
            onStill(markId);
          }}
        />
        {role === "observer" ? null : <NameplatePanel />}
        <section className={styles.workReports} aria-label={text.work.report}>
          <h3>{text.work.report}</h3>
          <ReportPanel reports={reports} mayMake={role !== "observer"} />
        </section>
      </div>
    </aside>
  );
}
