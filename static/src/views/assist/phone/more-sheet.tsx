import { DoorOpen, Pause, Play, SwitchCamera, X } from "lucide-react";
import { useState } from "react";
import {
  Button,
  Dialog,
  Heading,
  Modal,
  ModalOverlay,
  Slider,
  SliderThumb,
  SliderTrack,
  SwitchButton,
  SwitchField,
} from "react-aria-components";
import type { ModeChoice } from "../../../state/assist/line-mode";
import type { OnSite } from "../../../state/assist/phone";
import { useStore } from "../../context";
import { useMeeting } from "../../room/room-context";
import { Confirm, type Question } from "../../ui/dialog";
import styles from "./phone.module.css";
import { usePhoneWords } from "./use-words";

const CHOICES: readonly ModeChoice[] = ["auto", "video", "stills"];

export interface MoreSheetProps {
  readonly onSite: OnSite;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly holdToTalk: boolean;
  readonly onHoldToTalk: (on: boolean) => void;
}

/** What is needed now and then, in reach of the thumb. */
export function MoreSheet({ onSite, isOpen, onClose, holdToTalk, onHoldToTalk }: MoreSheetProps) {
  const meeting = useMeeting();
  const words = usePhoneWords();
  const frozen = useStore(onSite.frozen);
  const choice = useStore(onSite.choice);
  const { zoom, zoomMin, zoomMax } = useStore(onSite.camera.state);
  const [question, setQuestion] = useState<Question | null>(null);
  return (
    <>
      <ModalOverlay
        className={styles.scrim ?? ""}
        isOpen={isOpen}
        isDismissable
        onOpenChange={(open) => {
          if (!open) onClose();
        }}
      >
        <Modal className={styles.sheet ?? ""}>
          <Dialog className={styles.sheetBody ?? ""} data-testid="more-sheet">
            <div className={styles.sheetHead}>
              <Heading slot="title" className={styles.sheetTitle ?? ""}>
                {words.more}
              </Heading>
              <Button className={styles.plain ?? ""} aria-label={words.close} onPress={onClose}>
                <X size={28} aria-hidden />
              </Button>
            </div>
            {zoomMax > zoomMin ? (
              <Slider
                className={styles.zoom ?? ""}
                aria-label={words.zoom}
                minValue={zoomMin}
                maxValue={zoomMax}
                step={0.1}
                value={zoom}
                onChange={(value: number | number[]) => void onSite.camera.setZoom([value].flat()[0] ?? zoom)}
              >
                <span>
                  {words.zoom} <span className="tabular">{zoom.toFixed(1)}×</span>
                </span>
                <SliderTrack className={styles.track ?? ""}>
                  <SliderThumb className={styles.thumb ?? ""} />
                </SliderTrack>
              </Slider>
            ) : null}
            <div className={styles.pair}>
              <Button
                className={styles.wide ?? ""}
                data-testid="freeze"
                onPress={() => onSite.setFrozen(!frozen)}
              >
                {frozen ? <Play size={24} aria-hidden /> : <Pause size={24} aria-hidden />}
                {frozen ? words.goOn : words.freeze}
              </Button>
              <Button
                className={styles.wide ?? ""}
                data-testid="other-camera"
                onPress={() => void onSite.camera.turn()}
              >
                <SwitchCamera size={24} aria-hidden />
                {words.otherCamera}
              </Button>
            </div>
            <div role="radiogroup" aria-label={words.narrow.title} className={styles.choices}>
              <span className={styles.soft}>{words.narrow.title}</span>
              {CHOICES.map((value) => (
                <Button
                  key={value}
                  className={styles.choice ?? ""}
                  data-testid={`mode-${value}`}
                  {...(choice === value ? { "data-on": true } : {})}
                  aria-pressed={choice === value}
                  onPress={() => onSite.chooseMode(value)}
                >
                  {words.narrow[value]}
                </Button>
              ))}
            </div>
            <SwitchField isSelected={holdToTalk} onChange={onHoldToTalk}>
              <SwitchButton className={styles.switch ?? ""}>
                <span>{words.talkMode}</span>
                <span className={styles.knob} aria-hidden />
              </SwitchButton>
            </SwitchField>
            <Button
              className={styles.leave ?? ""}
              data-testid="leave"
              onPress={() => {
                onClose();
                setQuestion({
                  title: words.leaveTitle,
                  text: words.leaveText,
                  action: words.leave,
                  run: () => void onSite.keepMarks().finally(() => meeting.leave()),
                });
              }}
            >
              <DoorOpen size={24} aria-hidden />
              {words.leave}
            </Button>
          </Dialog>
        </Modal>
      </ModalOverlay>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}
