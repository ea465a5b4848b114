import { useQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useMemo, useState } from "react";
import { Personal, type Colleague } from "../../state/personal";
import { useApp } from "../context";
import { Empty, Failed } from "../directory/parts";
import { ListOf, useListing } from "../pages/listing";
import { Button } from "../ui/button";
import { Select } from "../ui/fields";
import { PersonalPanel } from "./panel";
import styles from "./personal.module.css";
import { usePersonalWords } from "./words";

/** For administrators of the park: anybody's data. */
export function PeopleTab({ own }: { own: string }) {
  const { api } = useApp();
  const words = usePersonalWords();
  const [organization, setOrganization] = useState("");
  const [chosen, setChosen] = useState<Colleague | null>(null);
  const query = useQuery({ queryKey: ["organizations"], queryFn: () => api.organizations() });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  const organizations = query.data?.organizations ?? [];
  const shown = organization || (organizations[0]?.id ?? "");
  if (chosen)
    return (
      <>
        <h2>{words.of({ name: chosen.name })}</h2>
        <p className={styles.bar}>
          <Button onPress={() => setChosen(null)}>{words.chooseOther}</Button>
        </p>
        <PersonalPanel key={chosen.id} of={chosen.id} isOwn={chosen.id === own} />
      </>
    );
  return (
    <>
      <p className={styles.soft}>{words.choose}</p>
      <div className={styles.bar}>
        <Select
          label={words.organization}
          options={organizations.map(({ id, name }) => ({ id, label: name }))}
          selected={shown}
          onChange={setOrganization}
        />
      </div>
      {shown ? <Members key={shown} of={shown} onChoose={setChosen} /> : null}
    </>
  );
}

function Members({ of, onChoose }: { of: string; onChoose: (one: Colleague) => void }) {
  const { api } = useApp();
  const words = usePersonalWords();
  const personal = useMemo(() => new Personal(api), [api]);
  const listing = useListing(
    ["members", of],
    (after) => personal.members(of, after),
    (page) => page.members,
  );
  return (
    <ListOf
      listing={listing}
      testId="people"
      empty={<Empty icon={<Users size={40} strokeWidth={1.5} aria-hidden />} title={words.noPeople} />}
    >
      {(one) => (
        <li className={styles.person}>
          <span>
            {one.name} <span className={styles.soft}>{one.email}</span>
          </span>
          <Button onPress={() => onChoose(one)}>{words.open}</Button>
        </li>
      )}
    </ListOf>
  );
}
