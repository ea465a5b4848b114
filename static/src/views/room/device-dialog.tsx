import { Volume2 } from "lucide-react";
import type { Device } from "../../state/media/local";
import { INCOMING_VIDEO } from "../../state/wants";
import { useChooseLocale, useLocale, useStore, useText } from "../context";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Select, Switch } from "../ui/fields";
import { useDeviceOptions } from "./device-options";
import styles from "./door.module.css";
import { LevelBar } from "./level-bar";
import { useMeeting } from "./room-context";
import { canChooseSpeaker, playTestSound } from "./sound";

/** Microphone, camera, speaker, language. */
export function DeviceDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const choose = useChooseLocale();
  const { local, preferences } = useMeeting();
  const text = useText();
  const locale = useLocale();
  const devices = useStore(local.devices);
  const chosen = useStore(preferences);
  const options = useDeviceOptions();
  const known = (list: readonly Device[], id: string): string => (list.some((d) => d.id === id) ? id : "");
  return (
    <Dialog title={text.devices.title} isOpen={isOpen} onClose={onClose}>
      <div className={styles.fields}>
        <Select
          label={text.devices.microphone}
          options={options(devices.microphones, "microphone")}
          selected={known(devices.microphones, chosen.microphoneId)}
          onChange={(id) => void local.choose("microphone", id)}
          isDisabled={devices.microphones.length === 0}
        />
        <LevelBar />
        <Select
          label={text.devices.camera}
          options={options(devices.cameras, "camera")}
          selected={known(devices.cameras, chosen.cameraId)}
          onChange={(id) => void local.choose("camera", id)}
          isDisabled={devices.cameras.length === 0}
        />
        {canChooseSpeaker ? (
          <Select
            label={text.devices.speaker}
            options={options(devices.speakers, "speaker")}
            selected={known(devices.speakers, chosen.speakerId)}
            onChange={(id) => preferences.change({ speakerId: id })}
            isDisabled={devices.speakers.length === 0}
          />
        ) : (
          <p>{text.devices.speakerFixed}</p>
        )}
        <Button onPress={() => void playTestSound(chosen.speakerId)}>
          <Volume2 size={16} aria-hidden />
          {text.devices.testSound}
        </Button>
        <Switch
          isSelected={chosen.noiseSuppression}
          onChange={(noiseSuppression) => {
            preferences.change({ noiseSuppression });
            void local.refreshMicrophone();
          }}
        >
          {text.devices.noiseSuppression}
        </Switch>
        <Select
          label={text.video.incoming}
          options={INCOMING_VIDEO.map((id) => ({ id, label: text.video.choices[id] }))}
          selected={chosen.incomingVideo}
          onChange={(id) =>
            preferences.change({ incomingVideo: INCOMING_VIDEO.find((choice) => choice === id) ?? "all" })
          }
        />
        <Select
          label={text.language.label}
          options={[
            { id: "zh-CN", label: text.language.zh },
            { id: "en", label: text.language.en },
          ]}
          selected={locale}
          onChange={(id) => choose(id === "en" ? "en" : "zh-CN")}
        />
      </div>
    </Dialog>
  );
}
