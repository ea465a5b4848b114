import { Handshake, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import type { Me } from "../../state/api";
import { Directory, type Need } from "../../state/directory";
import { useApp, useLocale } from "../context";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import { ListOf, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Select } from "../ui/fields";
import styles from "./directory.module.css";
import { NeedDialog } from "./need-dialog";
import { Empty, isStaff } from "./parts";
import { dayText, optionsOf, regionText, useDirectoryWords } from "./words";

const REFRESH_MS = 20_000;

export default function NeedsPage() {
  const words = useDirectoryWords();
  return (
    <MemberFrame title={words.needs.title} refreshMs={REFRESH_MS}>
      {(me) => <List me={me} />}
    </MemberFrame>
  );
}

function List({ me }: { me: Me }) {
  const { api, router } = useApp();
  const words = useDirectoryWords();
  const directory = useMemo(() => new Directory(api), [api]);
  const [state, setState] = useState("none");
  const [posting, setPosting] = useState(false);
  const listing = useListing(
    ["needs", state],
    (after) => directory.needs(state === "none" ? "" : state, after),
    (page) => page.needs,
  );
  const mayPost = me.memberships.some((one) => one.organization.kind !== "installer");
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.needs.title}</h1>
        <div className={pages.actions}>
          {mayPost ? (
            <Button large tone="primary" onPress={() => setPosting(true)} testId="post-need">
              <Plus size={18} aria-hidden />
              {words.needs.post}
            </Button>
          ) : null}
          {isStaff(me) ? (
            <ButtonLink large href="/needs/plan">
              {words.needs.plan}
            </ButtonLink>
          ) : null}
        </div>
      </div>
      <div className={pages.toolbar}>
        <p className={pages.soft}>{words.needs.list}</p>
        <Select
          label={words.needs.state}
          hideLabel
          selected={state}
          onChange={setState}
          options={optionsOf(words.needs.states, words.needs.allStates)}
        />
      </div>
      <ListOf
        listing={listing}
        testId="needs"
        empty={
          <Empty
            icon={<Handshake size={40} strokeWidth={1.5} aria-hidden />}
            title={state === "none" ? words.needs.none : words.needs.noMatch}
          >
            {state === "none" ? <p>{mayPost ? words.needs.noneText : words.needs.noneInstaller}</p> : null}
          </Empty>
        }
      >
        {(need) => <Row need={need} />}
      </ListOf>
      {posting ? (
        <NeedDialog
          card={null}
          directory={directory}
          onClose={() => setPosting(false)}
          onSaved={(card) => router.go(`/needs/${card.need.id}`)}
        />
      ) : null}
    </>
  );
}

function Row({ need }: { need: Need }) {
  const words = useDirectoryWords();
  const locale = useLocale();
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <Link className={desk.rowLink ?? ""} href={`/needs/${need.id}`}>
            {need.title}
          </Link>
          <span className={classes(pages.badge, need.state === "open" ? pages.live : undefined)}>
            {words.needs.states[need.state]}
          </span>
        </div>
        <div className={classes(pages.rowMeta, styles.meta)}>
          <span>{need.organization.name}</span>
          <span>
            {words.needs.days({
              from: dayText(need.starts_on, locale),
              until: dayText(need.ends_on, locale),
            })}
          </span>
          <span>{regionText(words, need.region)}</span>
          <span>{need.trades.map((one) => words.trades[one]).join(locale === "en" ? ", " : "、")}</span>
          {need.asked > 0 ? <span>{words.needs.asked({ count: need.asked })}</span> : null}
          {need.offered > 0 ? <span>{words.needs.offered({ count: need.offered })}</span> : null}
        </div>
      </div>
    </li>
  );
}
