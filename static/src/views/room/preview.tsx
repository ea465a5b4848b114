import { Mic, MicOff, Settings, Video as VideoIcon, VideoOff } from "lucide-react";
import { useEffect, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { useStore, useText } from "../context";
import { WithTooltip } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./door.module.css";
import { LevelBar } from "./level-bar";
import { DeviceDialog } from "./parts";
import { PermissionHelp } from "./permission-help";
import { useMeeting } from "./room-context";
import { Video } from "./video";

/** The mirror with its two switches, the level of the microphone, and help when a device is refused. */
export function Preview() {
  const meeting = useMeeting();
  const text = useText();
  const microphone = useStore(meeting.local.microphone);
  const camera = useStore(meeting.local.camera);
  const [settings, setSettings] = useState(false);
  const { meter } = meeting;
  const { track } = microphone;
  useEffect(() => {
    meter.follow(track);
  }, [meter, track]);
  return (
    <div className={styles.preview}>
      <div className={styles.mirror} role="group" aria-label={text.door.preview}>
        {camera.track && camera.state === "on" ? (
          <Video track={camera.track} mirrored />
        ) : (
          <div className={styles.dark}>
            <p>{camera.state === "starting" ? `${text.door.cameraStarting}…` : text.door.cameraOff}</p>
          </div>
        )}
        <div className={styles.gear}>
          <Round name={text.door.devices} small testId="pre-settings" onPress={() => setSettings(true)}>
            <Settings size={18} aria-hidden />
          </Round>
        </div>
        <div className={styles.mirrorBar}>
          <Round
            name={microphone.state === "on" ? text.bar.mute : text.bar.unmute}
            off={microphone.state !== "on" && microphone.state !== "starting"}
            testId="pre-mic"
            onPress={() => void meeting.toggleMicrophone()}
          >
            {microphone.state === "on" ? <Mic size={22} aria-hidden /> : <MicOff size={22} aria-hidden />}
          </Round>
          <Round
            name={camera.state === "on" ? text.bar.cameraOff : text.bar.cameraOn}
            off={camera.state !== "on" && camera.state !== "starting"}
            testId="pre-camera"
            onPress={() => void meeting.toggleCamera()}
          >
            {camera.state === "on" ? <VideoIcon size={22} aria-hidden /> : <VideoOff size={22} aria-hidden />}
          </Round>
        </div>
      </div>
      <div className={styles.levelRow}>
        {microphone.state === "on" ? <Mic size={16} aria-hidden /> : <MicOff size={16} aria-hidden />}
        <LevelBar />
      </div>
      {microphone.problem ? (
        <PermissionHelp
          device={camera.problem === microphone.problem ? "both" : "microphone"}
          problem={microphone.problem}
          retry={() => {
            void meeting.local.setMicrophone(true);
            if (camera.problem === microphone.problem) void meeting.local.setCamera(true);
          }}
        />
      ) : null}
      {camera.problem && camera.problem !== microphone.problem ? (
        <PermissionHelp
          device="camera"
          problem={camera.problem}
          retry={() => void meeting.local.setCamera(true)}
        />
      ) : null}
      <DeviceDialog isOpen={settings} onClose={() => setSettings(false)} />
    </div>
  );
}

function Round({
  name,
  off,
  small,
  testId,
  onPress,
  children,
}: {
  name: string;
  off?: boolean;
  small?: boolean;
  testId?: string;
  onPress: () => void;
  children: React.ReactNode;
}) {
  return (
    <WithTooltip text={name}>
      <AriaButton
        className={classes(styles.round, small && styles.small)}
        aria-label={name}
        onPress={onPress}
        {...(off ? { "data-off": true } : {})}
        {...(testId ? { "data-testid": testId } : {})}
      >
        {children}
      </AriaButton>
    </WithTooltip>
  );
}
