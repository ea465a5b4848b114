import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Requests } from "../../../state/requests/requests";
import type { Group } from "../../../state/requests/shapes";
import { useLocale, useText } from "../../context";
import { useSubmit } from "../../pages/use-submit";
import { Button, IconButton } from "../../ui/button";
import { Confirm, Dialog, DialogActions, DialogText, Fault, type Question } from "../../ui/dialog";
import { TextField } from "../../ui/fields";
import form from "../form/form.module.css";
import styles from "./builder.module.css";
import { PhraseInput, Tick } from "./inputs";
import { useTypeWords } from "./words";

const KEY_MAX_CHARS = 32;

/** The named groups of the park's staff: who is asked first, who decides a step. */
export function GroupsDialog({ requests, onClose }: { requests: Requests; onClose: () => void }) {
  const text = useText();
  const words = useTypeWords();
  const locale = useLocale();
  const client = useQueryClient();
  const groups = useQuery({
    queryKey: ["request-groups"],
    queryFn: () => requests.groups(),
    refetchInterval: false,
  });
  const [editing, setEditing] = useState<Group | "new" | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [isFailed, setFailed] = useState(false);
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["request-groups"] });
  const nameOf = (group: Group): string => (locale === "en" ? group.name_en : group.name_zh);
  if (editing)
    return (
      <GroupForm
        requests={requests}
        group={editing === "new" ? null : editing}
        onClose={() => setEditing(null)}
        onDone={() => {
          refresh();
          setEditing(null);
        }}
      />
    );
  return (
    <>
      <Dialog title={words.groups} isOpen onClose={onClose} wide>
        <DialogText>{words.groupsText}</DialogText>
        {isFailed ? <Fault>{text.errors.internal}</Fault> : null}
        <ul className={styles.versions} data-testid="groups">
          {groups.data?.groups.map((group) => (
            <li key={group.key}>
              <span>
                <strong>{nameOf(group)}</strong>
                <span className={form.hint}>
                  {group.members.map((one) => one.name).join(locale === "en" ? ", " : "、") || words.nobody}
                </span>
              </span>
              <div className={styles.groupButtons}>
                <IconButton name={words.open({ name: nameOf(group) })} onPress={() => setEditing(group)}>
                  <Pencil size={16} aria-hidden />
                </IconButton>
                <IconButton
                  name={words.remove({ name: nameOf(group) })}
                  onPress={() =>
                    setQuestion({
                      title: words.removeGroup,
                      text: words.removeGroupText({ name: nameOf(group) }),
                      action: words.remove({ name: nameOf(group) }),
                      run: () => {
                        setFailed(false);
                        requests.removeGroup(group.key).then(refresh, () => setFailed(true));
                      },
                    })
                  }
                >
                  <Trash2 size={16} aria-hidden />
                </IconButton>
              </div>
            </li>
          ))}
        </ul>
        {groups.data?.groups.length === 0 ? <p className={form.hint}>{words.noGroups}</p> : null}
        <DialogActions>
          <Button onPress={() => setEditing("new")} testId="new-group">
            <Plus size={16} aria-hidden />
            {words.newGroup}
          </Button>
        </DialogActions>
      </Dialog>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function GroupForm({
  requests,
  group,
  onClose,
  onDone,
}: {
  requests: Requests;
  group: Group | null;
  onClose: () => void;
  onDone: () => void;
}) {
  const text = useText();
  const words = useTypeWords();
  const [key, setKey] = useState(group?.key ?? "");
  const [name, setName] = useState({ zh: group?.name_zh ?? "", en: group?.name_en ?? "" });
  const [members, setMembers] = useState<readonly string[]>(group?.members.map((one) => one.id) ?? []);
  const staff = useQuery({
    queryKey: ["request-staff"],
    queryFn: () => requests.staff(),
    refetchInterval: false,
  });
  const people = new Map(
    [...(group?.members ?? []), ...(staff.data?.staff ?? [])].map((one) => [one.id, one]),
  );
  const isRight = /^[a-z][a-z0-9_]{0,31}$/.test(key) && name.zh.trim() !== "" && name.en.trim() !== "";
  const submit = useSubmit(async () => {
    await requests.setGroup({
      key,
      name_zh: name.zh.trim(),
      name_en: name.en.trim(),
      account_ids: members,
    });
    onDone();
  });
  return (
    <Dialog title={group ? words.groupName : words.newGroup} isOpen onClose={onClose} wide>
      <form className={form.form} onSubmit={submit.onSubmit}>
        <PhraseInput label={words.name} value={name} onChange={setName} testId="group-name" />
        {group ? null : (
          <TextField
            label={words.key}
            hint={words.keyHint}
            value={key}
            onChange={(typed) => setKey(typed.toLowerCase().replace(/[^a-z0-9_]/g, "_"))}
            maxLength={KEY_MAX_CHARS}
            testId="group-key"
          />
        )}
        <fieldset className={form.group}>
          <legend>{words.groupMembers}</legend>
          <div className={form.choices}>
            {[...people.values()].map((person) => (
              <Tick
                key={person.id}
                isOn={members.includes(person.id)}
                onChange={(isOn) =>
                  setMembers(isOn ? [...members, person.id] : members.filter((one) => one !== person.id))
                }
              >
                {person.name}
              </Tick>
            ))}
          </div>
        </fieldset>
        {submit.code ? <Fault>{text.errors[submit.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            tone="primary"
            type="submit"
            isDisabled={!isRight}
            isPending={submit.pending}
            testId="save-group"
          >
            {words.saveGroup}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
