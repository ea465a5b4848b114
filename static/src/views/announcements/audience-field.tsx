import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { ROLES, type Named, type Role, type Scope } from "../../state/announcements";
import { Directory } from "../../state/directory";
import { useApp } from "../context";
import { Choices } from "../directory/parts";
import pages from "../pages/page.module.css";
import { IconButton } from "../ui/button";
import { Select, TextField } from "../ui/fields";
import styles from "./announcements.module.css";
import { useAnnouncementWords } from "./words";

export interface Chosen {
  readonly scope: Scope;
  readonly organizations: readonly Named[];
  readonly roles: readonly Role[];
}

/** Who is told: of the park everybody or chosen organizations, of a company its own people; of them all or some roles. */
export function AudienceField({
  publisher,
  value,
  onChange,
}: {
  publisher: Named & { readonly isPark: boolean };
  value: Chosen;
  onChange: (value: Chosen) => void;
}) {
  const words = useAnnouncementWords();
  const { form } = words;
  return (
    <>
      {publisher.isPark ? (
        <Select
          label={form.audience}
          selected={value.scope}
          onChange={(scope) => onChange({ ...value, scope: scope as Scope })}
          options={[
            { id: "park", label: words.toAll },
            { id: "organizations", label: words.toChosen },
          ]}
        />
      ) : (
        <p>{words.toOwn({ organization: publisher.name })}</p>
      )}
      {publisher.isPark && value.scope === "organizations" ? (
        <Picker
          chosen={value.organizations}
          onChange={(organizations) => onChange({ ...value, organizations })}
        />
      ) : null}
      <div>
        <Choices
          label={form.roles}
          names={form.roleNames}
          chosen={value.roles}
          onChange={(roles) => onChange({ ...value, roles: ROLES.filter((one) => roles.includes(one)) })}
        />
        <p className={pages.small}>{form.rolesHint}</p>
      </div>
    </>
  );
}

function Picker({
  chosen,
  onChange,
}: {
  chosen: readonly Named[];
  onChange: (chosen: readonly Named[]) => void;
}) {
  const { api } = useApp();
  const { form } = useAnnouncementWords();
  const directory = useMemo(() => new Directory(api), [api]);
  const [search, setSearch] = useState("");
  const query = useQuery({
    queryKey: ["organizations-to-tell", search],
    queryFn: () =>
      directory.organizations({ search, kind: "", industry: "", region: "", trade: "", after: "" }),
    placeholderData: (before) => before,
    refetchInterval: false,
  });
  const found = query.data?.organizations ?? [];
  const isChosen = (id: string): boolean => chosen.some((one) => one.id === id);
  return (
    <div className={styles.column}>
      <TextField
        label={form.organizations}
        type="search"
        placeholder={form.search}
        value={search}
        onChange={setSearch}
        maxLength={64}
        testId="search-organizations"
      />
      <ul className={styles.picker} data-testid="organizations">
        {found.map((one) => (
          <li key={one.id}>
            <label>
              <input
                type="checkbox"
                checked={isChosen(one.id)}
                onChange={(event) =>
                  onChange(
                    event.target.checked
                      ? [...chosen, { id: one.id, name: one.name }]
                      : chosen.filter((other) => other.id !== one.id),
                  )
                }
              />
              {one.name}
            </label>
          </li>
        ))}
        {query.isSuccess && found.length === 0 ? <li className={pages.soft}>{form.noMatch}</li> : null}
      </ul>
      <p className={pages.small}>{form.chosen({ count: chosen.length })}</p>
      <ul className={styles.files}>
        {chosen.map((one) => (
          <li key={one.id}>
            <span className={styles.heading}>{one.name}</span>
            <IconButton
              name={form.remove({ name: one.name })}
              onPress={() => onChange(chosen.filter((other) => other.id !== one.id))}
            >
              <X size={16} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
