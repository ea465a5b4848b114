import { ArrowDownToLine, ArrowUpFromLine, BadgeInfo, Crosshair, Hand, MicOff } from "lucide-react";
import { useState } from "react";
import { LINE_MAX_CHARS, NAME_MAX_CHARS, ON_STAGE_MAX, type Participant } from "../../../protocol.gen";
import { focusOf, peopleOf } from "../../../state/live/stage-model";
import { isLive } from "../../../state/room";
import { Avatar } from "../../ui/avatar";
import { Button, IconButton } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { Switch, TextField } from "../../ui/fields";
import { useStage } from "./stage-context";
import styles from "./stage.module.css";
import { useStageWords } from "./words";

export function PeopleOnStage() {
  const { view, stage } = useStage();
  const words = useStageWords();
  const { on, behind } = peopleOf(view, stage);
  const [named, setNamed] = useState<string | null>(null);
  const person = named === null ? undefined : view.participants[named];
  return (
    <>
      <section className={styles.section} data-testid="on-stage">
        <h3>
          {words.onStage} <span className={styles.number}>{on.length}</span>
        </h3>
        {on.length === 0 ? <p className={styles.soft}>{words.nobodyOnStage}</p> : null}
        <ul className={styles.people}>
          {on.map((each) => (
            <Row key={each.id} person={each} isOn onName={() => setNamed(each.id)} />
          ))}
        </ul>
        {on.length >= ON_STAGE_MAX ? <p className={styles.soft}>{words.full}</p> : null}
      </section>
      <section className={styles.section} data-testid="behind-stage">
        <h3>
          {words.waiting} <span className={styles.number}>{behind.length}</span>
        </h3>
        {behind.length === 0 ? <p className={styles.soft}>{words.nobodyWaits}</p> : null}
        <ul className={styles.people}>
          {behind.map((each) => (
            <Row key={each.id} person={each} isOn={false} onName={() => setNamed(each.id)} />
          ))}
        </ul>
      </section>
      {person ? <PlateDialog person={person} onClose={() => setNamed(null)} /> : null}
    </>
  );
}

function Row({ person, isOn, onName }: { person: Participant; isOn: boolean; onName: () => void }) {
  const { stage, desk, directs } = useStage();
  const words = useStageWords();
  const { name } = person;
  const full = stage.on_stage.length >= ON_STAGE_MAX;
  const inFocus = focusOf(stage) === person.id;
  const plate = stage.names[person.id];
  return (
    <li className={styles.person} data-testid="stage-person" data-name={name}>
      <Avatar className={styles.face} name={name} identity={person.identity} />
      <span className={styles.who}>
        <span className={styles.whoName}>{name}</span>
        {plate?.line || person.organization ? (
          <span className={styles.soft}>{plate?.line || person.organization}</span>
        ) : null}
      </span>
      {person.hand_raised_at_ms > 0 ? <Hand size={16} aria-hidden className={styles.hand} /> : null}
      {isLive(person, "microphone") ? null : <MicOff size={16} aria-hidden className={styles.softIcon} />}
      {directs && stage.phase !== "ended" ? (
        <>
          {isOn ? (
            <IconButton
              name={words.focusName({ name })}
              onPress={() => void desk.arrange(stage.layout, person.id)}
              {...(inFocus ? { isDisabled: true } : {})}
            >
              <Crosshair size={16} aria-hidden />
            </IconButton>
          ) : null}
          <IconButton name={words.plateName({ name })} onPress={onName}>
            <BadgeInfo size={16} aria-hidden />
          </IconButton>
          <Button
            tone={isOn ? "quiet" : "secondary"}
            testId={isOn ? "send-back" : "bring-on"}
            isDisabled={!isOn && full}
            onPress={() => void desk.bring(person.id, !isOn)}
          >
            {isOn ? <ArrowDownToLine size={16} aria-hidden /> : <ArrowUpFromLine size={16} aria-hidden />}
            <span>{isOn ? words.sendBack : words.bring}</span>
          </Button>
        </>
      ) : null}
    </li>
  );
}

function PlateDialog({ person, onClose }: { person: Participant; onClose: () => void }) {
  const { stage, desk } = useStage();
  const words = useStageWords();
  const plate = stage.names[person.id];
  const [name, setName] = useState(plate?.name ?? person.name);
  const [line, setLine] = useState(plate?.line ?? person.organization);
  const [shown, setShown] = useState(plate?.shown ?? true);
  return (
    <Dialog title={words.plateName({ name: person.name })} isOpen onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void desk.name(person.id, name, line, shown);
          onClose();
        }}
      >
        <TextField label={words.name} value={name} onChange={setName} maxLength={NAME_MAX_CHARS} />
        <TextField
          label={words.line}
          value={line}
          onChange={setLine}
          maxLength={LINE_MAX_CHARS}
          placeholder={words.linePlaceholder}
        />
        <Switch isSelected={shown} onChange={setShown}>
          {words.shown}
        </Switch>
        <DialogActions>
          {plate ? (
            <Button
              onPress={() => {
                void desk.name(person.id, "", "", false);
                onClose();
              }}
            >
              {words.remove}
            </Button>
          ) : null}
          <Button type="submit" tone="primary" testId="save-plate">
            {words.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
