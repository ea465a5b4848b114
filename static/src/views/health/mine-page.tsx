import { useQuery } from "@tanstack/react-query";
import { HeartPulse } from "lucide-react";
import { useMemo } from "react";
import { Health } from "../../state/health";
import desk from "../assist/desk/desk.module.css";
import { useApp, useLocale } from "../context";
import styles from "../directory/directory.module.css";
import { Empty, Failed } from "../directory/parts";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Reasons, spanText, useHealthWords } from "./parts";

const REFRESH_MS = 60_000;

export default function MinePage() {
  const words = useHealthWords();
  return (
    <MemberFrame title={words.mine.title} refreshMs={REFRESH_MS}>
      {() => <Loaded />}
    </MemberFrame>
  );
}

function Loaded() {
  const { api } = useApp();
  const words = useHealthWords();
  const locale = useLocale();
  const health = useMemo(() => new Health(api), [api]);
  const query = useQuery({ queryKey: ["health-mine"], queryFn: health.mine });
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  if (!query.isSuccess) return null;
  const { concerns, companies, accesses, may_work } = query.data;
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.mine.title}</h1>
        <div className={pages.actions}>
          {may_work ? (
            <ButtonLink large href="/health">
              {words.mine.work}
            </ButtonLink>
          ) : null}
          <ButtonLink large tone="primary" href="/requests/new?type=daily_health">
            {words.mine.declare}
          </ButtonLink>
        </div>
      </div>
      <section className={desk.section}>
        <p className={pages.soft}>{words.mine.text}</p>
        {concerns.length === 0 ? (
          <Empty icon={<HeartPulse size={40} strokeWidth={1.5} aria-hidden />} title={words.mine.none}>
            <p>{words.mine.noneText}</p>
          </Empty>
        ) : (
          <ul className={pages.list} data-testid="own-concerns">
            {concerns.map((one) => (
              <li key={`${one.place.address} ${one.notified_at_ms}`} className={pages.row}>
                <div className={classes(pages.rowText, styles.told)}>
                  <div className={pages.rowTitle}>
                    <span>{one.place.address}</span>
                    <span className={classes(pages.badge, one.state === "cleared" && pages.live)}>
                      {words.states[one.state]}
                    </span>
                  </div>
                  <div className={classes(pages.rowMeta, styles.meta)}>
                    <span>
                      {one.place_state === "retracted" ? words.retracted : words.levels[one.place.level]}
                    </span>
                    <span>{spanText(words, one.place, locale)}</span>
                    <span>{one.place.source}</span>
                    <span>{words.forgotten({ day: day.format(one.delete_at_ms) })}</span>
                  </div>
                  {one.state === "cleared" ? null : one.stands ? (
                    <p>{words.mine.advice}</p>
                  ) : (
                    <p className={styles.weak}>{words.withdrawn}</p>
                  )}
                  {one.reasons.length > 0 ? (
                    <>
                      <h3>{words.mine.why}</h3>
                      <Reasons of={one.reasons} linked />
                    </>
                  ) : null}
                </div>
              </li>
            ))}
          </ul>
        )}
      </section>
      {companies.length > 0 ? (
        <section className={desk.section}>
          <div className={desk.sectionHead}>
            <h2>{words.mine.companies}</h2>
          </div>
          <ul className={pages.list} data-testid="company-concerns">
            {companies.map((one) => (
              <li key={`${one.organization.id} ${one.place.address}`} className={pages.row}>
                <div className={pages.rowText}>
                  <div className={pages.rowTitle}>
                    <span>{one.place.address}</span>
                  </div>
                  <div className={classes(pages.rowMeta, styles.meta)}>
                    <span>{one.organization.name}</span>
                    <span>{spanText(words, one.place, locale)}</span>
                    <span>{words.mine.company(one)}</span>
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <section className={desk.section}>
        <div className={desk.sectionHead}>
          <h2>{words.mine.accesses}</h2>
        </div>
        {accesses.length === 0 ? (
          <p className={desk.none}>{words.mine.noAccesses}</p>
        ) : (
          <ul className={styles.plain} data-testid="own-accesses">
            {accesses.map((one) => (
              <li key={one.id}>
                {one.reader.name} · {words.purposes[one.purpose]} ·{" "}
                <span className={pages.small}>{when.format(one.at_ms)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
