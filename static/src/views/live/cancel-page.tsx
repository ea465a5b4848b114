import { useMemo, useState } from "react";
import { Livestreams } from "../../state/live/livestreams";
import { useApp } from "../context";
import { PageFrame } from "../pages/page-frame";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { useLiveWords } from "./words";

/** By the link of a mail: asks once, because mail programs open links by themselves. */
export default function CancelPage({ id }: { id: string }) {
  const { api } = useApp();
  const words = useLiveWords();
  const livestreams = useMemo(() => new Livestreams(api), [api]);
  const [state, setState] = useState<"asking" | "pending" | "done" | "bad">("asking");
  const cancel = (): void => {
    const token = new URLSearchParams(window.location.hash.slice(1)).get("registration") ?? "";
    setState("pending");
    livestreams.cancel(id, token).then(
      () => setState("done"),
      () => setState("bad"),
    );
  };
  return (
    <PageFrame title={words.title}>
      <div className={pages.empty}>
        <h1>{state === "done" ? words.cancelled : state === "bad" ? words.cancelBad : words.cancelTitle}</h1>
        {state === "asking" || state === "pending" ? (
          <>
            <p>{words.cancelText}</p>
            <Button tone="danger" isPending={state === "pending"} onPress={cancel} testId="live-cancel">
              {words.cancelDo}
            </Button>
          </>
        ) : null}
      </div>
    </PageFrame>
  );
}
