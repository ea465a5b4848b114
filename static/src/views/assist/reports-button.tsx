import { FileText } from "lucide-react";
import { useMemo, useState } from "react";
import { report as english } from "../../i18n/en-report";
import { report as chinese } from "../../i18n/zh-report";
import { Reports, sessionReports } from "../../state/assist/reports";
import { useApp, useLocale } from "../context";
import { IconButton } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { ReportPanel } from "./report-panel";

/** Opens the reports of a session, for a member who has a part in it. */
export function ReportsButton({ sessionId, mayMake }: { sessionId: string; mayMake: boolean }) {
  const { api } = useApp();
  const words = useLocale() === "en" ? english : chinese;
  const [isOpen, setOpen] = useState(false);
  const reports = useMemo(() => new Reports(sessionReports(api, sessionId, "")), [api, sessionId]);
  return (
    <>
      <IconButton name={words.title} onPress={() => setOpen(true)} testId="reports-open">
        <FileText size={18} aria-hidden />
      </IconButton>
      <Dialog title={words.title} isOpen={isOpen} onClose={() => setOpen(false)}>
        <ReportPanel reports={reports} mayMake={mayMake} />
      </Dialog>
    </>
  );
}
