import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { hours as english } from "../../i18n/en-hours";
import { hours as chinese } from "../../i18n/zh-hours";
import type { Code } from "../../protocol.gen";
import { ApiError } from "../../state/api";
import type { Schedule } from "../../state/schedule/schedule";
import { useLocale, useText } from "../context";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Confirm, Dialog, DialogActions, DialogText, Fault, type Question } from "../ui/dialog";

/** The secret address of one's calendar: made, made anew, switched off.  It is shown once. */
export function FeedDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const text = useText();
  const locale = useLocale();
  const words = locale === "en" ? english : chinese;
  const client = useQueryClient();
  const mine = useQuery({ queryKey: ["schedule-mine"], queryFn: () => schedule.mine() });
  const [url, setUrl] = useState("");
  const [question, setQuestion] = useState<Question | null>(null);
  const [isPending, setPending] = useState(false);
  const [fault, setFault] = useState<Code | null>(null);
  const madeAtMs = mine.data?.feed_made_at_ms ?? 0;
  const run = (work: () => Promise<string>): void => {
    setPending(true);
    setFault(null);
    void work()
      .then(setUrl, (cause: unknown) => setFault(cause instanceof ApiError ? cause.code : "internal"))
      .then(() => client.invalidateQueries({ queryKey: ["schedule-mine"] }))
      .finally(() => setPending(false));
  };
  const make = (): void => run(async () => (await schedule.makeFeed()).url);
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <>
      <Dialog title={words.feed} isOpen onClose={onClose}>
        <DialogText>{words.feedText}</DialogText>
        {url ? (
          <div className={pages.form} data-testid="feed-url">
            <CopyField label={words.feedUrl} value={url} />
            <p className={pages.small}>{words.feedOnce}</p>
          </div>
        ) : mine.isSuccess ? (
          <p className={pages.small} data-testid="feed-state" data-made={madeAtMs > 0}>
            {madeAtMs > 0 ? words.feedMade({ when: when.format(madeAtMs) }) : words.feedNone}
          </p>
        ) : null}
        {fault || mine.isError ? <Fault>{text.errors[fault ?? "internal"]}</Fault> : null}
        <DialogActions>
          {madeAtMs > 0 ? (
            <Button
              testId="feed-off"
              isPending={isPending}
              onPress={() =>
                setQuestion({
                  title: words.feedOff,
                  text: words.feedOffText,
                  action: words.feedOff,
                  run: () =>
                    run(async () => {
                      await schedule.dropFeed();
                      return "";
                    }),
                })
              }
            >
              {words.feedOff}
            </Button>
          ) : null}
          <Button
            tone="primary"
            testId="feed-make"
            isDisabled={!mine.isSuccess}
            isPending={isPending}
            onPress={() => {
              if (madeAtMs === 0) make();
              else
                setQuestion({
                  title: words.feedAgain,
                  text: words.feedAgainText,
                  action: words.feedAgain,
                  run: make,
                });
            }}
          >
            {madeAtMs > 0 ? words.feedAgain : words.feedNew}
          </Button>
        </DialogActions>
      </Dialog>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}
