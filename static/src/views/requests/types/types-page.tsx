import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError } from "../../../state/api";
import { emptyDefinition } from "../../../state/requests/builder";
import { said } from "../../../state/requests/form";
import { Requests } from "../../../state/requests/requests";
import type { RequestType } from "../../../state/requests/shapes";
import { useApp, useLocale, useText } from "../../context";
import { MemberFrame } from "../../frame/member-frame";
import pages from "../../pages/page.module.css";
import { useSubmit } from "../../pages/use-submit";
import { Button, ButtonLink } from "../../ui/button";
import { Dialog, DialogActions, Fault } from "../../ui/dialog";
import { TextField } from "../../ui/fields";
import form from "../form/form.module.css";
import lists from "../requests.module.css";
import { promiseWords, useRequestWords } from "../words";
import { GroupsDialog } from "./groups-dialog";
import { HoursDialog } from "./hours-dialog";
import { PhraseInput } from "./inputs";
import { useTypeWords } from "./words";

const REFRESH_MS = 60_000;
const KEY_MAX_CHARS = 32;

export default function TypesPage() {
  const words = useTypeWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => (me.features.administer_park ? <TypeList /> : <NotYours />)}
    </MemberFrame>
  );
}

function NotYours() {
  const text = useText();
  const words = useTypeWords();
  const requestWords = useRequestWords();
  return (
    <div className={pages.empty}>
      <h1>{words.gone}</h1>
      <p>{text.errors.forbidden}</p>
      <ButtonLink href="/requests">{requestWords.one.toList}</ButtonLink>
    </div>
  );
}

function TypeList() {
  const { api } = useApp();
  const text = useText();
  const words = useTypeWords();
  const requestWords = useRequestWords();
  const locale = useLocale();
  const requests = useMemo(() => new Requests(api), [api]);
  const [search, setSearch] = useState("");
  const [isNew, setNew] = useState(false);
  const [isGroups, setGroups] = useState(false);
  const [isHours, setHours] = useState(false);
  const types = useQuery({ queryKey: ["request-types"], queryFn: () => requests.types() });
  const wanted = search.trim().toLowerCase();
  const found = (types.data?.types ?? []).filter((type) => {
    const definition = type.draft ?? type.definition;
    return [type.key, definition?.name.zh, definition?.name.en].join(" ").toLowerCase().includes(wanted);
  });
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.title}</h1>
        <div className={pages.actions}>
          <Button tone="primary" onPress={() => setNew(true)} testId="new-type">
            <Plus size={16} aria-hidden />
            {words.newType}
          </Button>
          <Button onPress={() => setGroups(true)} testId="open-groups">
            {words.groups}
          </Button>
          <Button onPress={() => setHours(true)} testId="open-hours">
            {words.hours}
          </Button>
          <ButtonLink href="/requests">{requestWords.title}</ButtonLink>
        </div>
      </div>
      <TextField
        label={words.search}
        placeholder={words.search}
        type="search"
        hideLabel
        value={search}
        onChange={setSearch}
      />
      {types.isError ? (
        <div className={pages.empty}>
          <h2>{words.failed}</h2>
          <p>{text.errors[types.error instanceof ApiError ? types.error.code : "internal"]}</p>
          <Button onPress={() => void types.refetch()}>{text.common.retry}</Button>
        </div>
      ) : !types.data ? (
        <p className={pages.soft}>{text.common.loading}…</p>
      ) : found.length === 0 ? (
        <div className={pages.empty}>
          <h2>{words.empty}</h2>
        </div>
      ) : (
        <div className={lists.groups}>
          <ul className={lists.list} data-testid="types">
            {found.map((type) => {
              const definition = type.draft ?? type.definition;
              return (
                <li key={type.id} className={lists.row}>
                  <Link
                    className={lists.rowLink ?? ""}
                    href={`/request-types/${type.id}`}
                    data-testid={`type-${type.key}`}
                  >
                    <span className={lists.rowMain}>
                      <span className={lists.rowTitle}>{said(definition?.name, locale) || type.key}</span>
                      <span className={lists.rowMeta}>
                        <span>{type.key}</span>
                        <span>{words.fieldsCount({ count: definition?.fields.length ?? 0 })}</span>
                        {definition ? <span>{promiseWords(requestWords, definition.clock)}</span> : null}
                      </span>
                    </span>
                    <span className={lists.rowSide}>
                      <TypeChips type={type} />
                    </span>
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      )}
      {isGroups ? <GroupsDialog requests={requests} onClose={() => setGroups(false)} /> : null}
      {isHours ? <HoursDialog requests={requests} onClose={() => setHours(false)} /> : null}
      {isNew ? <NewType requests={requests} onClose={() => setNew(false)} /> : null}
    </>
  );
}

function TypeChips({ type }: { type: RequestType }) {
  const words = useTypeWords();
  const chips = [
    type.version > 0 ? words.published({ number: type.version }) : words.unpublished,
    ...(type.draft && type.version > 0 ? [words.changed] : []),
    ...(type.retired ? [words.retired] : []),
    ...(type.shipped ? [words.shipped] : []),
  ];
  return (
    <span className={lists.chips}>
      {chips.map((chip) => (
        <span key={chip} className={lists.state}>
          {chip}
        </span>
      ))}
    </span>
  );
}

function NewType({ requests, onClose }: { requests: Requests; onClose: () => void }) {
  const { router } = useApp();
  const text = useText();
  const words = useTypeWords();
  const [key, setKey] = useState("");
  const [name, setName] = useState({ zh: "", en: "" });
  const submit = useSubmit(async () => {
    const made = await requests.addType(key, { ...emptyDefinition(), name });
    router.go(`/request-types/${made.id}`);
  });
  const isRight = /^[a-z][a-z0-9_]{0,31}$/.test(key);
  const keyFault = submit.fields["key"] ? words.keyFault : null;
  return (
    <Dialog title={words.newTitle} isOpen onClose={onClose} wide>
      <form className={form.form} onSubmit={submit.onSubmit}>
        <PhraseInput label={words.name} value={name} onChange={setName} testId="new-name" />
        <TextField
          label={words.key}
          hint={words.keyHint}
          fault={keyFault}
          value={key}
          onChange={(typed) => setKey(typed.toLowerCase().replace(/[^a-z0-9_]/g, "_"))}
          maxLength={KEY_MAX_CHARS}
          testId="new-key"
        />
        {submit.code && !keyFault ? <Fault>{text.errors[submit.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            tone="primary"
            type="submit"
            isDisabled={!isRight}
            isPending={submit.pending}
            testId="create-type"
          >
            {words.create}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
