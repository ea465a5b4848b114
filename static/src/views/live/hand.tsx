import { Hand, MonitorUp } from "lucide-react";
import { useState } from "react";
import type { HandState, HubClient } from "../../state/live/hub";
import { Button } from "../ui/button";
import { Dialog, Fault } from "../ui/dialog";
import { NameBox } from "./chat";
import styles from "./live.module.css";
import { useLiveWords } from "./words";

/** Raise a hand; when it is answered, go on stage, where one looks at oneself first. */
export function HandButton({
  client,
  state,
  name,
  onNamed,
  onStage,
}: {
  client: HubClient;
  state: HandState;
  /** "" as long as nobody knows it: then it is asked for first. */
  name: string;
  /** Raises the hand under this name. */
  onNamed: (name: string) => Promise<void>;
  /** Rejects when the stage cannot be reached. */
  onStage: () => Promise<void>;
}) {
  const words = useLiveWords();
  const [failed, setFailed] = useState(false);
  const [fault, setFault] = useState(false);
  const [isPending, setIsPending] = useState(false);
  const [asksName, setAsksName] = useState(false);
  const follow = (asked: Promise<unknown>): void => {
    asked.then(
      () => setFailed(false),
      () => setFailed(true),
    );
  };
  const ask = (type: string): void => follow(client.ask(type));
  return (
    <>
      <Button
        tone={state === "down" ? "secondary" : "primary"}
        testId="live-hand"
        onPress={() => {
          if (name === "") setAsksName(true);
          else ask(state === "down" ? "raise_hand" : "lower_hand");
        }}
      >
        <Hand size={18} aria-hidden />
        {state === "down" ? words.raiseHand : words.lowerHand}
      </Button>
      {failed ? <span className={styles.sayNote}>{words.problem}</span> : null}
      <Dialog title={words.raiseHand} isOpen={asksName} onClose={() => setAsksName(false)}>
        <NameBox
          onName={(chosen) => {
            setAsksName(false);
            follow(onNamed(chosen));
          }}
        />
      </Dialog>
      <Dialog title={words.invited} isOpen={state === "invited"} onClose={() => ask("lower_hand")}>
        <p>{words.invitedText}</p>
        {fault ? <Fault>{words.ticketFailed}</Fault> : null}
        <div className={styles.buttons}>
          <Button onPress={() => ask("lower_hand")}>{words.notNow}</Button>
          <Button
            tone="primary"
            isPending={isPending}
            testId="live-go-on-stage"
            onPress={() => {
              setIsPending(true);
              onStage()
                .then(
                  () => setFault(false),
                  () => setFault(true),
                )
                .finally(() => setIsPending(false));
            }}
          >
            <MonitorUp size={18} aria-hidden />
            {words.goOnStage}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
