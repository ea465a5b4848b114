import { Phone, PhoneOff } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ApiError } from "../../state/api";
import { Calls, type Call, type CallAbout } from "../../state/desk/calls";
import { useApp, useStore, useText } from "../context";
import { useDeskLine } from "../frame/use-line";
import { Button } from "../ui/button";
import { Dialog, DialogActions, DialogText } from "../ui/dialog";
import { useCallWords } from "./words";

/** Should the word of the line be lost, the truth is asked for this often while it rings. */
const ASK_MS = 5_000;

/** "Call now" about a thing. Only on pages of members. */
export function CallButton({ about, to, name }: { about: CallAbout; to: string; name: string }) {
  const { account } = useApp();
  const words = useCallWords();
  const [isOpen, setOpen] = useState(false);
  const me = account.me?.account;
  if (!me || me.id === to) return null;
  return (
    <>
      <Button onPress={() => setOpen(true)} label={words.callName({ name })} testId="call-now">
        <Phone size={16} aria-hidden />
        {words.call}
      </Button>
      {isOpen ? (
        <Calling about={about} to={to} name={name} me={me.id} onClose={() => setOpen(false)} />
      ) : null}
    </>
  );
}

function Calling({
  about,
  to,
  name,
  me,
  onClose,
}: {
  about: CallAbout;
  to: string;
  name: string;
  me: string;
  onClose: () => void;
}) {
  const { api, router } = useApp();
  const text = useText();
  const words = useCallWords();
  const calls = useMemo(() => new Calls(api), [api]);
  const line = useDeskLine(me, api);
  const over = useStore(line.over);
  const [call, setCall] = useState<Call | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const { kind, id } = about;
  useEffect(() => {
    let isShown = true;
    setCall(null);
    setFailure(null);
    calls.ring({ kind, id }, to).then(
      // Closed before it rang: nobody is there to talk.
      (rung) => (isShown ? setCall(rung) : void calls.cancel(rung.id).catch(() => undefined)),
      (cause: unknown) => isShown && setFailure(cause),
    );
    return () => {
      isShown = false;
    };
  }, [calls, kind, id, to, round]);
  const callId = call?.state === "ringing" ? call.id : null;
  const isOver = callId !== null && over?.call_id === callId;
  useEffect(() => {
    if (callId === null) return;
    const ask = (): void => void calls.get(callId).then(setCall, () => undefined);
    if (isOver) ask();
    const timer = setInterval(ask, ASK_MS);
    return () => clearInterval(timer);
  }, [calls, callId, isOver]);
  const code = call?.state === "accepted" ? call.code : "";
  useEffect(() => {
    if (code) router.go(`/m/${code}`);
  }, [code, router]);
  const hangUp = (): void => {
    if (callId !== null) void calls.cancel(callId).catch(() => undefined);
    onClose();
  };
  const isRinging = failure === null && (call === null || call.state === "ringing");
  const said = isRinging
    ? words.callingText
    : failure !== null
      ? failure instanceof ApiError && failure.code === "conflict"
        ? words.busy
        : `${words.failed} ${text.errors[failure instanceof ApiError ? failure.code : "internal"]}`
      : call?.state === "declined"
        ? words.over.declined({ name })
        : words.over.missed({ name });
  return (
    <Dialog title={words.calling({ name })} isOpen onClose={hangUp}>
      <div
        role="status"
        data-testid="calling"
        data-state={failure === null ? (call?.state ?? "dialling") : "failed"}
      >
        <DialogText>{said}</DialogText>
      </div>
      <DialogActions>
        {isRinging ? (
          <Button tone="danger" onPress={hangUp} testId="hang-up">
            <PhoneOff size={16} aria-hidden />
            {words.hangUp}
          </Button>
        ) : (
          <>
            <Button onPress={onClose}>{words.close}</Button>
            <Button tone="primary" onPress={() => setRound((before) => before + 1)}>
              {words.again}
            </Button>
          </>
        )}
      </DialogActions>
    </Dialog>
  );
}
