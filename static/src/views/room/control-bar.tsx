import {
  Ellipsis,
  Hand,
  MessageSquareText,
  MonitorUp,
  MonitorX,
  PhoneOff,
  SmilePlus,
  UsersRound,
} from "lucide-react";
import { useState } from "react";
import { Dialog, DialogTrigger, Popover, Toolbar } from "react-aria-components";
import { SHORTCUT_KEYS } from "../../state/shortcuts";
import { useSelected, useStore, useText } from "../context";
import controls from "../ui/controls.module.css";
import type { Question } from "../ui/dialog";
import { Menu, MenuItem } from "../ui/menu";
import { BarButton } from "./bar-button";
import { CameraControl, MicrophoneControl } from "./device-controls";
import type { ControlBarProps } from "./control-props";
import { MoreItems, MoreSheet } from "./more";
import styles from "./meeting.module.css";
import { ReactionButtons } from "./reaction-buttons";
import { useMeeting } from "./room-context";
import { PHONE, useMediaQuery } from "./use-media-query";

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

function ShareButton() {
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
