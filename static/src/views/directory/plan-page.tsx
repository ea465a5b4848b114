import { useMutation, useQuery } from "@tanstack/react-query";
import { Handshake } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { Directory, type Need } from "../../state/directory";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./directory.module.css";
import { Empty, Failed } from "./parts";
import { dayText, listed, rulesText, useDirectoryWords } from "./words";

const REFRESH_MS = 600_000; // a plan stays until somebody asks for another

export default function PlanPage() {
  const words = useDirectoryWords();
  return (
    <MemberFrame title={words.plan.title} refreshMs={REFRESH_MS}>
      {() => <Planned />}
    </MemberFrame>
  );
}

function Planned() {
  const { api } = useApp();
  const text = useText();
  const words = useDirectoryWords();
  const locale = useLocale();
  const directory = useMemo(() => new Directory(api), [api]);
  const [done, setDone] = useState(0);
  const query = useQuery({ queryKey: ["plan"], queryFn: directory.plan, refetchOnWindowFocus: false });
  const inviting = useMutation({
    mutationFn: async () => {
      for (const pair of query.data?.pairs ?? []) await directory.invite(pair.need.id, [pair.crew.id]);
      setDone(query.data?.pairs.length ?? 0);
    },
  });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  const { pairs, left } = query.data ?? { pairs: [], left: [] };
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.plan.title}</h1>
        <div className={pages.actions}>
          {pairs.length > 0 ? (
            <Button
              large
              tone="primary"
              isPending={inviting.isPending}
              isDisabled={done > 0}
              onPress={() => inviting.mutate()}
              testId="invite-all"
            >
              {done > 0 ? words.plan.done({ count: done }) : words.plan.inviteAll}
            </Button>
          ) : null}
          <Button
            large
            isPending={query.isFetching}
            onPress={() => {
              setDone(0);
              void query.refetch();
            }}
          >
            {words.plan.run}
          </Button>
        </div>
      </div>
      <p className={pages.soft}>{words.plan.text}</p>
      {inviting.isError ? <Failed cause={inviting.error} /> : null}
      {query.isPending ? (
        <p className={pages.soft}>{text.common.loading}…</p>
      ) : pairs.length + left.length === 0 ? (
        <Empty icon={<Handshake size={40} strokeWidth={1.5} aria-hidden />} title={words.plan.none} />
      ) : null}
      {pairs.length > 0 ? (
        <section className={desk.section}>
          <div className={desk.sectionHead}>
            <h2>{words.plan.pairs}</h2>
          </div>
          <ul className={pages.list} data-testid="plan-pairs">
            {pairs.map((one) => (
              <Line key={one.need.id} need={one.need}>
                <span>{`${one.installer.name} · ${one.crew.name}`}</span>
                <span>{words.need.score({ score: one.score })}</span>
              </Line>
            ))}
          </ul>
        </section>
      ) : null}
      {left.length > 0 ? (
        <section className={desk.section}>
          <div className={desk.sectionHead}>
            <h2>{words.plan.left}</h2>
          </div>
          <ul className={pages.list} data-testid="plan-left">
            {left.map((one) => (
              <Line key={one.need.id} need={one.need}>
                <span>
                  {one.why === "none_fits"
                    ? words.plan.why.none_fits({ rules: rulesText(words, one.rules, locale) })
                    : one.why === "taken"
                      ? words.plan.why.taken({
                          crews: listed(
                            one.crews.map((crew) => crew.name),
                            locale,
                          ),
                        })
                      : words.plan.why.no_crews}
                </span>
              </Line>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

function Line({ need, children }: { need: Need; children: React.ReactNode }) {
  const words = useDirectoryWords();
  const locale = useLocale();
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <Link className={desk.rowLink ?? ""} href={`/needs/${need.id}`}>
            {need.title}
          </Link>
        </div>
        <div className={classes(pages.rowMeta, styles.meta)}>
          <span>{need.organization.name}</span>
          <span>
            {words.needs.days({
              from: dayText(need.starts_on, locale),
              until: dayText(need.ends_on, locale),
            })}
          </span>
          {children}
        </div>
      </div>
    </li>
  );
}
