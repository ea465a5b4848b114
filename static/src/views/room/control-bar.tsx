import {
  ChevronUp,
  Ellipsis,
  Hand,
  MessageSquareText,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  PhoneOff,
  SmilePlus,
  UsersRound,
  Video,
  VideoOff,
} from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover, Toolbar } from "react-aria-components";
import { REACTIONS } from "../../protocol.gen";
import { SHORTCUT_KEYS } from "../../state/shortcuts";
import { useSelected, useStore, useText } from "../context";
import { WithTooltip } from "../ui/button";
import controls from "../ui/controls.module.css";
import type { Question } from "../ui/dialog";
import { Menu, MenuItem, MenuSection } from "../ui/menu";
import { useDeviceOptions } from "./device-dialog";
import type { MeetingDialogName } from "./meeting-view";
import { MoreItems, MoreSheet } from "./more";
import styles from "./meeting.module.css";
import { REACTION_SIGNS } from "./reactions";
import { useMeeting } from "./room-context";
import { canChooseSpeaker } from "./sound";
import type { FullScreen } from "./use-full-screen";
import { PHONE, useMediaQuery } from "./use-media-query";

export interface ControlBarProps {
  readonly ask: (question: Question) => void;
  readonly open: (dialog: MeetingDialogName) => void;
  readonly fullScreen: FullScreen;
}

export function ControlBar(props: ControlBarProps) {
  const meeting = useMeeting();
  const text = useText();
  const phone = useMediaQuery(PHONE);
  const [sheet, setSheet] = useState(false);
  return (
    <Toolbar className={styles.bar ?? ""} aria-label={text.bar.label}>
      <MicrophoneControl withMenu={!phone} />
      <CameraControl withMenu={!phone} />
      {phone ? (
        <>
          <ChatButton />
          <BarButton
            name={text.bar.more}
            word={text.bar.short.more}
            testId="more"
            onPress={() => setSheet(true)}
          >
            <Ellipsis size={22} aria-hidden />
          </BarButton>
          <MoreSheet isOpen={sheet} onClose={() => setSheet(false)} {...props} />
        </>
      ) : (
        <>
          {meeting.local.canShareScreen ? <ShareButton /> : null}
          <HandButton />
          <ReactControl />
          <span className={styles.barGap} aria-hidden />
          <ChatButton />
          <PeopleButton />
          <Menu
            label={text.bar.more}
            placement="top"
            trigger={
              <BarButton name={text.bar.more} word={text.bar.short.more} testId="more">
                <Ellipsis size={22} aria-hidden />
              </BarButton>
            }
          >
            <MoreItems open={props.open} fullScreen={props.fullScreen} />
          </Menu>
          <span className={styles.barGap} aria-hidden />
        </>
      )}
      <LeaveControl ask={props.ask} />
    </Toolbar>
  );
}

export function BarButton({
  name,
  word,
  shortcut,
  children,
  onPress,
  count,
  ...state
}: {
  name: string;
  word: string;
  shortcut?: string;
  children: ReactNode;
  onPress?: () => void;
  count?: ReactNode;
  isPressed?: boolean;
  off?: boolean;
  active?: boolean;
  trouble?: boolean;
  leave?: boolean;
  testId?: string;
}) {
  return (
    <WithTooltip text={name} shortcut={shortcut}>
      <AriaButton
        className={`${styles.barButton ?? ""} ${state.leave ? (styles.leave ?? "") : ""}`}
        aria-label={name}
        {...(onPress ? { onPress } : {})}
        {...(state.isPressed === undefined ? {} : { "aria-pressed": state.isPressed })}
        {...(state.off ? { "data-off": true } : {})}
        {...(state.active ? { "data-active": true } : {})}
        {...(state.trouble ? { "data-trouble": true } : {})}
        {...(state.testId ? { "data-testid": state.testId } : {})}
      >
        {children}
        <span className={styles.word} aria-hidden>
          {`${word} `}
        </span>
        {count}
      </AriaButton>
    </WithTooltip>
  );
}

function MicrophoneControl({ withMenu }: { withMenu: boolean }) {
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

function CameraControl({ withMenu }: { withMenu: boolean }) {
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

export function ShareButton() {
  const meeting = useMeeting();
  const text = useText();
  const sharing = useSelected(meeting.local.screen, (screen) => screen.state === "on");
  return (
    <BarButton
      name={sharing ? text.bar.stopShare : text.bar.share}
      word={sharing ? text.bar.short.stopShare : text.bar.short.share}
      testId="share"
      shortcut={SHORTCUT_KEYS.share}
      onPress={() => void meeting.toggleShare()}
      active={sharing}
    >
      {sharing ? <MonitorX size={22} aria-hidden /> : <MonitorUp size={22} aria-hidden />}
    </BarButton>
  );
}

function HandButton() {
  const meeting = useMeeting();
  const text = useText();
  const me = useStore(meeting.me);
  const raised = useSelected(meeting.view, (view) => (view?.participants[me]?.hand_raised_at_ms ?? 0) > 0);
  return (
    <BarButton
      name={raised ? text.bar.lowerHand : text.bar.raiseHand}
      word={text.bar.short.hand}
      testId="hand"
      shortcut={SHORTCUT_KEYS.hand}
      onPress={() => void meeting.toggleHand()}
      active={raised}
    >
      <Hand size={22} aria-hidden />
    </BarButton>
  );
}

function ReactControl() {
  const text = useText();
  const [open, setOpen] = useState(false);
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <BarButton name={text.bar.react} word={text.bar.short.react} testId="react">
        <SmilePlus size={22} aria-hidden />
      </BarButton>
      <Popover className={controls.popover ?? ""} placement="top" offset={6}>
        <Dialog className={styles.reactionRow ?? ""} aria-label={text.bar.react}>
          <ReactionButtons onDone={() => setOpen(false)} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

export function ReactionButtons({ onDone }: { onDone: () => void }) {
  const meeting = useMeeting();
  const text = useText();
  return REACTIONS.map((reaction) => (
    <AriaButton
      key={reaction}
      className={styles.reactionButton ?? ""}
      aria-label={text.reactions[reaction] ?? reaction}
      onPress={() => {
        void meeting.controls.react(reaction);
        onDone();
      }}
    >
      {REACTION_SIGNS[reaction]}
    </AriaButton>
  ));
}

function ChatButton() {
  const meeting = useMeeting();
  const text = useText();
  const unread = useSelected(meeting.chat.state, (state) => state.unread);
  const open = useSelected(meeting.panel, (panel) => panel === "chat");
  const name = unread > 0 ? `${text.bar.chat} ${text.chat.unread({ count: unread })}` : text.bar.chat;
  return (
    <BarButton
      name={name}
      word={text.bar.short.chat}
      testId="chat"
      shortcut={SHORTCUT_KEYS.chat}
      onPress={() => meeting.togglePanel("chat")}
      isPressed={open}
      active={open}
      count={
        unread > 0 ? (
          <span className={styles.count} data-testid="unread">
            {unread > 99 ? "99+" : unread}
          </span>
        ) : null
      }
    >
      <MessageSquareText size={22} aria-hidden />
    </BarButton>
  );
}

function PeopleButton() {
  const meeting = useMeeting();
  const text = useText();
  const people = useSelected(meeting.view, (view) => Object.keys(view?.participants ?? {}).length);
  const open = useSelected(meeting.panel, (panel) => panel === "people");
  return (
    <BarButton
      name={`${text.bar.people} ${people}`}
      word={text.bar.short.people}
      testId="people"
      shortcut={SHORTCUT_KEYS.people}
      onPress={() => meeting.togglePanel("people")}
      isPressed={open}
      active={open}
      count={<span className={`${styles.count ?? ""} ${styles.countSoft ?? ""}`}>{people}</span>}
    >
      <UsersRound size={22} aria-hidden />
    </BarButton>
  );
}

function LeaveControl({ ask }: { ask: (question: Question) => void }) {
  const meeting = useMeeting();
  const text = useText();
  const me = useStore(meeting.me);
  const role = useSelected(meeting.view, (view) => view?.participants[me]?.role);
  const people = useSelected(meeting.view, (view) => Object.keys(view?.participants ?? {}).length);
  const icon = <PhoneOff size={22} aria-hidden />;
  if (role !== "host")
    return (
      <BarButton
        name={text.bar.leaveMeeting}
        word={text.bar.short.leave}
        testId="leave"
        leave
        onPress={() => meeting.leave()}
      >
        {icon}
      </BarButton>
    );
  return (
    <Menu
      label={text.bar.leave}
      placement="top end"
      trigger={
        <BarButton name={text.bar.leave} word={text.bar.short.leave} testId="leave" leave>
          {icon}
        </BarButton>
      }
    >
      <MenuItem onAction={() => meeting.leave()}>{text.bar.leaveMeeting}</MenuItem>
      <MenuItem
        danger
        testId="end-for-all"
        onAction={() =>
          ask({
            title: text.confirm.endTitle,
            text: text.confirm.endText({ count: people }),
            action: text.confirm.end,
            run: () => void meeting.controls.endForAll(),
          })
        }
      >
        {text.bar.endForAll}
      </MenuItem>
    </Menu>
  );
}
