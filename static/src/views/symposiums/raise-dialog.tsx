import { useState } from "react";
import type { Named } from "../../state/directory";
import type { Area, IssueWish, Publishing, Scope } from "../../state/symposiums";
import { LinesField } from "../directory/parts";
import { optionsOf } from "../directory/words";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import { useFaultText, useSymposiumWords } from "./words";

/** An issue as a company brings it. */
export function RaiseDialog({
  companies,
  send,
  failed,
  onClose,
}: {
  companies: readonly Named[];
  /** Whether it went well. */
  send: (wish: IssueWish) => Promise<boolean>;
  failed: unknown;
  onClose: () => void;
}) {
  const words = useSymposiumWords();
  const faultText = useFaultText();
  const [title, setTitle] = useState("");
  const [problem, setProblem] = useState("");
  const [wish, setWish] = useState("");
  const [area, setArea] = useState<Area>("production");
  const [scope, setScope] = useState<Scope>("own");
  const [publish, setPublish] = useState<Publishing>("yes");
  const [company, setCompany] = useState(companies[0]?.id ?? "");
  const [sending, setSending] = useState(false);
  const isWhole = [title, problem, wish].every((one) => one.trim() !== "");
  const submit = async (): Promise<void> => {
    setSending(true);
    if (await send({ title, problem, wish, area, scope, publish, organization_id: company })) onClose();
    else setSending(false);
  };
  return (
    <Dialog title={words.raise} isOpen onClose={onClose}>
      <form
        className={pages.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isWhole && !sending) void submit();
        }}
      >
        <TextField
          label={words.issue.title}
          value={title}
          onChange={setTitle}
          maxLength={120}
          isRequired
          autoFocus
          testId="issue-title"
        />
        <LinesField label={words.issue.problem} value={problem} onChange={setProblem} max={3_000} />
        <LinesField label={words.issue.wish} value={wish} onChange={setWish} max={2_000} />
        <Select
          label={words.issue.area}
          options={optionsOf(words.areas)}
          selected={area}
          onChange={(id) => setArea(id as Area)}
        />
        <Select
          label={words.issue.scope}
          options={optionsOf(words.scopes)}
          selected={scope}
          onChange={(id) => setScope(id as Scope)}
        />
        <Select
          label={words.issue.publish}
          options={optionsOf(words.publishing)}
          selected={publish}
          onChange={(id) => setPublish(id as Publishing)}
        />
        {companies.length > 1 ? (
          <Select
            label={words.issue.company}
            options={companies.map((one) => ({ id: one.id, label: one.name }))}
            selected={company}
            onChange={setCompany}
          />
        ) : null}
        <p className={pages.small}>{words.issue.hint}</p>
        {sending || failed === null ? null : <Fault>{faultText(failed)}</Fault>}
        <DialogActions>
          <Button type="submit" tone="primary" isDisabled={!isWhole} isPending={sending} testId="send-issue">
            {words.issue.send}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
