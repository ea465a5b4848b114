import { Rotate3d, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import type { OverlayLook } from "../../../state/assist/overlay";
import type { OnSite } from "../../../state/assist/phone";
import type { Tracking } from "../../../state/assist/tracking";
import type { ArMode, ArState } from "../../../state/assist/xr/ar-mode";
import { Store } from "../../../state/store";
import { useStore } from "../../context";
import { useMeeting } from "../../room/room-context";
import { classes } from "../../ui/classes";
import styles from "./phone.module.css";
import { usePhoneWords } from "./use-words";

const FAILURE_MS = 5_000;
const NONE = new Store<ArState>("none");

/** Whether the picture is shown by the phone's own AR, behind the page. */
export function useArRuns(arMode: ArMode | null): boolean {
  return useStore(arMode?.state ?? NONE) === "running";
}

/** Loaded where a browser knows WebXR at all. Null: it does not, or not yet. */
export function useArMode(onSite: OnSite, tracking: Tracking | null, look: () => OverlayLook): ArMode | null {
  const meeting = useMeeting();
  const [arMode, setArMode] = useState<ArMode | null>(null);
  useEffect(() => {
    if (!tracking || !("xr" in navigator)) return;
    let opened: ArMode | null = null;
    let gone = false;
    void import("./open-ar").then(
      ({ openAr }) => {
        if (gone) return;
        opened = openAr(meeting, tracking, onSite, look);
        setArMode(opened);
      },
      (cause: unknown) => console.warn("tongxin: WebXR", cause),
    );
    return () => {
      gone = true;
      opened?.close();
    };
  }, [meeting, tracking, onSite, look]);
  return arMode;
}

/** Where the phone can hold marks in space: the offer, and the way back. Never by itself. */
export function ArButton({ arMode }: { arMode: ArMode }) {
  const words = usePhoneWords();
  const state = useStore(arMode.state);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    arMode.onFailure = () => setFailed(true);
    return () => {
      arMode.onFailure = () => undefined;
    };
  }, [arMode]);
  useEffect(() => {
    if (!failed) return;
    const timer = setTimeout(() => setFailed(false), FAILURE_MS);
    return () => clearTimeout(timer);
  }, [failed]);
  return (
    <>
      {failed ? (
        <p className={styles.notice} role="status" data-testid="ar-failed">
          {words.ar.failed}
        </p>
      ) : null}
      {state === "offered" || state === "starting" ? (
        <Button
          className={classes(styles.wide, styles.ar)}
          data-testid="ar-start"
          isDisabled={state === "starting"}
          // Sheets are the body's children: it is the root of what is seen over the camera.
          onPress={() => void arMode.start(document.body)}
        >
          <Rotate3d size={24} aria-hidden />
          {state === "starting" ? words.ar.starting : words.ar.start}
        </Button>
      ) : null}
      {state === "running" ? (
        <Button
          className={classes(styles.wide, styles.ar)}
          data-testid="ar-stop"
          onPress={() => void arMode.stop()}
        >
          <X size={24} aria-hidden />
          {words.ar.stop}
        </Button>
      ) : null}
    </>
  );
}
