import {
  Expand,
  Gauge,
  Grid2x2,
  Hand,
  Headphones,
  Keyboard,
  MonitorUp,
  Pencil,
  QrCode,
  RectangleHorizontal,
  Settings,
  Shrink,
  SwitchCamera,
  UsersRound,
} from "lucide-react";
import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components";
import { SHORTCUT_KEYS } from "../../state/shortcuts";
import { useSelected, useStore, useText } from "../context";
import { Dialog } from "../ui/dialog";
import { MenuItem, MenuSeparator } from "../ui/menu";
import type { ControlBarProps } from "./control-props";
import styles from "./meeting.module.css";
import { ReactionButtons } from "./reaction-buttons";
import { RecordingItems, STEP_ICONS, useRecordingSteps } from "./recording";
import { useMeeting } from "./room-context";
import { useMediaQuery } from "./use-media-query";

/** Whether this person takes sound only, and the switch. */
function useAudioOnly(): [boolean, () => void] {
  const { preferences } = useMeeting();
  const audioOnly = useSelected(preferences, (values) => values.incomingVideo === "none");
  return [audioOnly, () => preferences.change({ incomingVideo: audioOnly ? "all" : "none" })];
}

/** The rest of the bar, as a menu. */
export function MoreItems({ open, fullScreen }: Pick<ControlBarProps, "open" | "fullScreen">) {
  const meeting = useMeeting();
  const text = useText();
  const layout = useStore(meeting.layout);
  const [audioOnly, toggleAudioOnly] = useAudioOnly();
  return (
    <>
      <MenuItem
        icon={<Grid2x2 size={16} aria-hidden />}
        isChecked={layout === "grid"}
        onAction={() => meeting.setLayout("grid")}
      >
        {text.more.grid}
      </MenuItem>
      <MenuItem
        icon={<RectangleHorizontal size={16} aria-hidden />}
        isChecked={layout === "speaker"}
        onAction={() => meeting.setLayout("speaker")}
      >
        {text.more.speaker}
      </MenuItem>
      <MenuItem
        testId="audio-only"
        icon={<Headphones size={16} aria-hidden />}
        isChecked={audioOnly}
        onAction={toggleAudioOnly}
      >
        {text.video.audioOnly}
      </MenuItem>
      {fullScreen.possible ? (
        <MenuItem
          icon={fullScreen.on ? <Shrink size={16} aria-hidden /> : <Expand size={16} aria-hidden />}
          onAction={fullScreen.toggle}
          shortcut={SHORTCUT_KEYS.full_screen}
        >
          {fullScreen.on ? text.more.leaveFullScreen : text.more.fullScreen}
        </MenuItem>
      ) : null}
      <MenuSeparator />
      <RecordingItems ask={() => open("record")} />
      <MenuItem icon={<QrCode size={16} aria-hidden />} onAction={() => open("invite")}>
        {text.more.invite}
      </MenuItem>
      <MenuItem icon={<Pencil size={16} aria-hidden />} onAction={() => open("rename")}>
        {text.more.rename}
      </MenuItem>
      <MenuItem icon={<Settings size={16} aria-hidden />} onAction={() => open("devices")}>
        {text.more.devices}
      </MenuItem>
      <MenuItem icon={<Gauge size={16} aria-hidden />} onAction={() => meeting.showPanel("details")}>
        {text.more.details}
      </MenuItem>
      <MenuItem
        icon={<Keyboard size={16} aria-hidden />}
        onAction={() => open("shortcuts")}
        shortcut={SHORTCUT_KEYS.help}
      >
        {text.more.shortcuts}
      </MenuItem>
    </>
  );
}

/** The same for thumbs: what does not fit into a bar of five. */
export function MoreSheet({
  isOpen,
  onClose,
  open,
  fullScreen,
}: ControlBarProps & { isOpen: boolean; onClose: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  const me = useStore(meeting.me);
  const layout = useStore(meeting.layout);
  const raised = useSelected(meeting.view, (view) => (view?.participants[me]?.hand_raised_at_ms ?? 0) > 0);
  const sharing = useSelected(meeting.local.screen, (screen) => screen.state === "on");
  const [audioOnly, toggleAudioOnly] = useAudioOnly();
  const camera = useStore(meeting.local.camera);
  const cameras = useSelected(meeting.local.devices, (devices) => devices.cameras.length);
  const canFlip = useMediaQuery("(pointer: coarse)") && cameras > 1 && camera.state === "on";
  const { steps, take } = useRecordingSteps(() => open("record"));
  const then = (action: () => void) => () => {
    onClose();
    action();
  };
  return (
    <Dialog title={text.bar.more} isOpen={isOpen} onClose={onClose}>
      <div className={styles.sheetReactions}>
        <ReactionButtons onDone={onClose} />
      </div>
      <div className={styles.sheet}>
        <SheetButton
          testId="hand"
          word={raised ? text.bar.lowerHand : text.bar.raiseHand}
          active={raised}
          onPress={then(() => void meeting.toggleHand())}
        >
          <Hand size={22} aria-hidden />
        </SheetButton>
        <SheetButton testId="people" word={text.bar.people} onPress={then(() => meeting.showPanel("people"))}>
          <UsersRound size={22} aria-hidden />
        </SheetButton>
        {canFlip ? (
          <SheetButton
            testId="flip-camera"
            word={text.bar.flipCamera}
            onPress={then(() => void meeting.flipCamera())}
          >
            <SwitchCamera size={22} aria-hidden />
          </SheetButton>
        ) : null}
        {meeting.local.canShareScreen ? (
          <SheetButton
            testId="share"
            word={sharing ? text.bar.stopShare : text.bar.share}
            active={sharing}
            onPress={then(() => void meeting.toggleShare())}
          >
            <MonitorUp size={22} aria-hidden />
          </SheetButton>
        ) : null}
        <SheetButton
          testId="layout"
          word={layout === "grid" ? text.more.speaker : text.more.grid}
          onPress={then(() => meeting.setLayout(layout === "grid" ? "speaker" : "grid"))}
        >
          {layout === "grid" ? (
            <RectangleHorizontal size={22} aria-hidden />
          ) : (
            <Grid2x2 size={22} aria-hidden />
          )}
        </SheetButton>
        <SheetButton
          testId="audio-only"
          word={audioOnly ? text.video.show : text.video.audioOnly}
          active={audioOnly}
          onPress={then(toggleAudioOnly)}
        >
          <Headphones size={22} aria-hidden />
        </SheetButton>
        {steps.map((step) => {
          const Icon = STEP_ICONS[step];
          return (
            <SheetButton
              key={step}
              testId={`recording-${step}`}
              word={text.recording[step]}
              onPress={then(() => take(step))}
            >
              <Icon size={22} aria-hidden />
            </SheetButton>
          );
        })}
        <SheetButton word={text.more.invite} onPress={then(() => open("invite"))}>
          <QrCode size={22} aria-hidden />
        </SheetButton>
        <SheetButton word={text.more.devices} onPress={then(() => open("devices"))}>
          <Settings size={22} aria-hidden />
        </SheetButton>
        <SheetButton word={text.more.rename} onPress={then(() => open("rename"))}>
          <Pencil size={22} aria-hidden />
        </SheetButton>
        <SheetButton word={text.more.details} onPress={then(() => meeting.showPanel("details"))}>
          <Gauge size={22} aria-hidden />
        </SheetButton>
        {fullScreen.possible ? (
          <SheetButton
            word={fullScreen.on ? text.more.leaveFullScreen : text.more.fullScreen}
            onPress={then(fullScreen.toggle)}
          >
            {fullScreen.on ? <Shrink size={22} aria-hidden /> : <Expand size={22} aria-hidden />}
          </SheetButton>
        ) : null}
      </div>
    </Dialog>
  );
}

function SheetButton({
  word,
  children,
  onPress,
  active,
  testId,
}: {
  word: string;
  testId?: string;
  children: ReactNode;
  onPress: () => void;
  active?: boolean;
}) {
  return (
    <AriaButton
      className={styles.sheetButton ?? ""}
      onPress={onPress}
      {...(active ? { "data-active": true } : {})}
      {...(testId ? { "data-testid": testId } : {})}
    >
      {children}
      {word}
    </AriaButton>
  );
}
