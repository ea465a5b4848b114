import { BookOpen, ScanText } from "lucide-react";
import { useMemo } from "react";
import { Nameplate, sessionNameplate, type PlateFault } from "../../../state/assist/nameplate";
import { useApp, useStore, useText } from "../../context";
import { useMeeting } from "../../room/room-context";
import { Button, ButtonLink } from "../../ui/button";
import { Fault } from "../../ui/dialog";
import { useSession } from "../session-context";
import styles from "./expert.module.css";
import { useExpertText } from "./words";

/** The nameplate on the newest photo: make, model and serial number, the machine and its manual. */
export function NameplatePanel() {
  const { api } = useApp();
  const { id, token } = useSession();
  const meeting = useMeeting();
  const text = useExpertText().plate;
  const errors = useText().errors;
  const plate = useMemo(() => new Nameplate(sessionNameplate(api, id, token)), [api, id, token]);
  const reading = useStore(plate.reading);
  const fault = useStore(plate.fault);
  const isReading = useStore(plate.isReading);
  const chosen = useStore(plate.chosen);
  const sentence = (cause: PlateFault): string =>
    cause === "not_installed" || cause === "no_photo" ? text[cause] : errors[cause];
  return (
    <section className={styles.workReports} aria-label={text.title}>
      <h3>{text.title}</h3>
      {fault === "not_installed" ? (
        <p data-testid="no-plates">{text.not_installed}</p>
      ) : (
        <Button isPending={isReading} onPress={() => void plate.read()} testId="read-plate">
          <ScanText size={16} aria-hidden />
          {text.read}
        </Button>
      )}
      {fault && fault !== "not_installed" ? <Fault>{sentence(fault)}</Fault> : null}
      {reading ? (
        <dl className={styles.plate} data-testid="plate">
          <dt>{text.make}</dt>
          <dd>{reading.make || "—"}</dd>
          <dt>{text.model}</dt>
          <dd>{reading.model || "—"}</dd>
          <dt>{text.serial}</dt>
          <dd>{reading.serial || "—"}</dd>
        </dl>
      ) : null}
      {reading?.machine && token === "" ? (
        <>
          <ButtonLink href={`/machines/${reading.machine.id}`}>{text.machine}</ButtonLink>
          {chosen ? <p>{text.chosen}</p> : <Button onPress={() => void plate.choose()}>{text.choose}</Button>}
        </>
      ) : null}
      {reading && !reading.machine ? <p>{text.unknown}</p> : null}
      {reading?.manual ? (
        <Button
          testId="open-manual"
          onPress={() => {
            const { manual } = reading;
            if (manual)
              void meeting.connection
                .request({
                  type: "show_document",
                  region: { document_id: manual.id, page: manual.page, x: 0, y: 0, width: 1, height: 1 },
                  placement: "beside",
                })
                .catch(() => undefined);
          }}
        >
          <BookOpen size={16} aria-hidden />
          {text.manual({ title: reading.manual.title, page: reading.manual.page })}
        </Button>
      ) : null}
    </section>
  );
}
