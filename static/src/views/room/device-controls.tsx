import { ChevronUp, Mic, MicOff, Video, VideoOff } from "lucide-react";
import { Button as AriaButton } from "react-aria-components";
import { SHORTCUT_KEYS } from "../../state/shortcuts";
import { useStore, useText } from "../context";
import { Menu, MenuItem, MenuSection } from "../ui/menu";
import { BarButton } from "./bar-button";
import { useDeviceOptions } from "./device-options";
import styles from "./meeting.module.css";
import { useMeeting } from "./room-context";
import { canChooseSpeaker } from "./sound";

export function MicrophoneControl({ withMenu }: { withMenu: boolean }) {
  const meeting = useMeeting();
  const text = useText();
  const capture = useStore(meeting.local.microphone);
  const devices = useStore(meeting.local.devices);
  const chosen = useStore(meeting.preferences);
  const options = useDeviceOptions();
  const on = capture.state === "on";
  return (
    <div className={styles.split}>
      <BarButton
        name={withTrouble(
          on ? text.bar.mute : text.bar.unmute,
          capture.problem ? text.bar.microphoneTrouble : null,
        )}
        word={on ? text.bar.mute : text.bar.unmute}
        testId="mic"
        shortcut={SHORTCUT_KEYS.microphone}
        onPress={() => void meeting.toggleMicrophone()}
        off={!on}
        trouble={capture.problem !== null}
      >
        {on ? <Mic size={22} aria-hidden /> : <MicOff size={22} aria-hidden />}
      </BarButton>
      {withMenu ? (
        <Menu
          label={text.bar.microphoneMenu}
          placement="top"
          trigger={<Caret name={text.bar.microphoneMenu} />}
        >
          <MenuSection title={text.devices.microphone}>
            {options(devices.microphones, "microphone").map((option) => (
              <MenuItem
                key={`m${option.id}`}
                isChecked={option.id === chosen.microphoneId}
                onAction={() => void meeting.local.choose("microphone", option.id)}
              >
                {option.label}
              </MenuItem>
            ))}
          </MenuSection>
          {canChooseSpeaker ? (
            <MenuSection title={text.devices.speaker}>
              {options(devices.speakers, "speaker").map((option) => (
                <MenuItem
                  key={`s${option.id}`}
                  isChecked={option.id === chosen.speakerId}
                  onAction={() => meeting.preferences.change({ speakerId: option.id })}
                >
                  {option.label}
                </MenuItem>
              ))}
            </MenuSection>
          ) : null}
        </Menu>
      ) : null}
    </div>
  );
}

export function CameraControl({ withMenu }: { withMenu: boolean }) {
  const meeting = useMeeting();
  const text = useText();
  const capture = useStore(meeting.local.camera);
  const devices = useStore(meeting.local.devices);
  const chosen = useStore(meeting.preferences);
  const options = useDeviceOptions();
  const on = capture.state === "on" || capture.state === "starting";
  return (
    <div className={styles.split}>
      <BarButton
        name={withTrouble(
          on ? text.bar.cameraOff : text.bar.cameraOn,
          capture.problem ? text.bar.cameraTrouble : null,
        )}
        word={text.bar.short.camera}
        testId="camera"
        shortcut={SHORTCUT_KEYS.camera}
        onPress={() => void meeting.toggleCamera()}
        off={!on}
        trouble={capture.problem !== null}
      >
        {on ? <Video size={22} aria-hidden /> : <VideoOff size={22} aria-hidden />}
      </BarButton>
      {withMenu ? (
        <Menu label={text.bar.cameraMenu} placement="top" trigger={<Caret name={text.bar.cameraMenu} />}>
          <MenuSection title={text.devices.camera}>
            {options(devices.cameras, "camera").map((option) => (
              <MenuItem
                key={option.id}
                isChecked={option.id === chosen.cameraId}
                onAction={() => void meeting.local.choose("camera", option.id)}
              >
                {option.label}
              </MenuItem>
            ))}
          </MenuSection>
        </Menu>
      ) : null}
    </div>
  );
}

function withTrouble(name: string, trouble: string | null): string {
  return trouble ? `${name} (${trouble})` : name;
}

function Caret({ name }: { name: string }) {
  return (
    <AriaButton className={styles.caret ?? ""} aria-label={name}>
      <ChevronUp size={16} aria-hidden />
    </AriaButton>
  );
}
