import { useQuery } from "@tanstack/react-query";
import type { Step } from "../../../state/assist/checklist-rules";
import type { Templates } from "../../../state/assist/templates";
import { useLocale, useText } from "../../context";
import pages from "../../pages/page.module.css";
import { Button } from "../../ui/button";
import { Dialog, DialogText, Fault } from "../../ui/dialog";
import { useInstructionWords } from "./words";

/** Who wrote which version when; the steps of any can be taken again. */
export function HistoryDialog({
  id,
  templates,
  onRestore,
  onClose,
}: {
  id: string;
  templates: Templates;
  onRestore: ((version: number, steps: readonly Step[]) => void) | null;
  onClose: () => void;
}) {
  const words = useInstructionWords();
  const text = useText();
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "short" });
  const query = useQuery({
    queryKey: ["template-versions", id],
    queryFn: () => templates.versions(id),
    staleTime: 0,
  });
  const versions = [...(query.data?.versions ?? [])].sort((a, b) => b.version - a.version);
  return (
    <Dialog title={words.historyTitle} isOpen onClose={onClose} wide>
      <DialogText>{words.historyText}</DialogText>
      {query.isError ? <Fault>{words.failed}</Fault> : null}
      {query.isPending ? <p className={pages.soft}>{text.common.loading}…</p> : null}
      <ul className={pages.list}>
        {versions.map((version, place) => (
          <li key={version.version} className={pages.row}>
            <div className={pages.rowText}>
              <div className={pages.rowTitle}>
                <span>{words.version({ number: version.version })}</span>
                {place === 0 ? <span className={pages.badge}>{words.latest}</span> : null}
              </div>
              <div className={pages.rowMeta}>
                <span>{words.by({ name: version.name, when: when.format(version.made_at_ms) })}</span>
                <span>{words.steps({ count: version.steps.length })}</span>
              </div>
            </div>
            {onRestore && place > 0 ? (
              <Button onPress={() => onRestore(version.version, version.steps)}>{words.restore}</Button>
            ) : null}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
