import {
  BookOpen,
  Camera,
  ClipboardCheck,
  Ellipsis,
  Flashlight,
  FlashlightOff,
  Keyboard,
  ListChecks,
  MessageSquareText,
  PhoneOff,
  PictureInPicture2,
  Play,
  Snowflake,
  SwitchCamera,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { Toolbar } from "react-aria-components";
import type { RoomView } from "../../../protocol.gen";
import { ACT_KEYS } from "../../../state/assist/expert-keys";
import { useSelected, useStore } from "../../context";
import { Menu, MenuItem } from "../../ui/menu";
import type { Question } from "../../ui/dialog";
import { BarButton } from "../../room/bar-button";
import { MicrophoneControl } from "../../room/device-controls";
import meetingStyles from "../../room/meeting.module.css";
import { useMeeting } from "../../room/room-context";
import { PHONE, useMediaQuery } from "../../room/use-media-query";
import { useDocumentWords } from "../documents/words";
import { useDesk } from "./desk-context";
import { useExpertText } from "./words";

export interface ExpertBarProps {
  readonly view: RoomView;
  readonly isExpert: boolean;
  readonly ask: (question: Question) => void;
  readonly onMarks: () => void;
  readonly isWorking: boolean;
  readonly onWork: () => void;
  readonly isReading: boolean;
  /** Null where there can be no documents. */
  readonly onDocuments: (() => void) | null;
  readonly onHelp: () => void;
  /** Null where the browser has no small windows. */
  readonly onPip: (() => void) | null;
}

/** What is done beside drawing. What the phone should do is asked of who holds it. */
export function ExpertBar(props: ExpertBarProps) {
  const { view, isExpert, ask, onMarks, isWorking, onWork, isReading, onDocuments, onHelp, onPip } = props;
  const text = useExpertText();
  const documents = useDocumentWords();
  const narrow = useMediaQuery(PHONE);
  return (
    <Toolbar className={meetingStyles.bar ?? ""} aria-label={text.bar.label}>
      <MicrophoneControl withMenu={!narrow} />
      <FreezeButton />
      {narrow ? (
        <>
          <BarButton name={text.marks.open} word={text.bar.marks} testId="open-marks" onPress={onMarks}>
            <ListChecks size={22} aria-hidden />
          </BarButton>
          <MoreMenu {...props} />
        </>
      ) : (
        <>
          {isExpert ? <DeviceButtons view={view} /> : null}
          <span className={meetingStyles.barGap} aria-hidden />
          {onPip ? (
            <BarButton name={text.bar.pipName} word={text.bar.pip} onPress={onPip}>
              <PictureInPicture2 size={22} aria-hidden />
            </BarButton>
          ) : null}
          <BarButton
            name={text.bar.workName}
            word={text.bar.work}
            testId="work"
            onPress={onWork}
            isPressed={isWorking}
            active={isWorking}
          >
            <ClipboardCheck size={22} aria-hidden />
          </BarButton>
          {onDocuments ? (
            <BarButton
              name={documents.openName}
              word={documents.open}
              testId="open-documents"
              onPress={onDocuments}
              isPressed={isReading}
              active={isReading}
            >
              <BookOpen size={22} aria-hidden />
            </BarButton>
          ) : null}
          <ChatButton />
          <BarButton
            name={text.bar.helpName}
            word={text.bar.help}
            shortcut={ACT_KEYS.help}
            testId="help"
            onPress={onHelp}
          >
            <Keyboard size={22} aria-hidden />
          </BarButton>
        </>
      )}
      <LeaveButton ask={ask} />
    </Toolbar>
  );
}

function ChatButton() {
  const meeting = useMeeting();
  const text = useExpertText();
  const unread = useSelected(meeting.chat.state, (state) => state.unread);
  const isOpen = useSelected(meeting.panel, (panel) => panel === "chat");
  return (
    <BarButton
      name={text.bar.chat}
      word={text.bar.chat}
      testId="chat"
      onPress={() => meeting.togglePanel("chat")}
      isPressed={isOpen}
      active={isOpen}
      count={unread > 0 ? <span className={meetingStyles.count}>{unread > 99 ? "99+" : unread}</span> : null}
    >
      <MessageSquareText size={22} aria-hidden />
    </BarButton>
  );
}

/** On a narrow screen: the rest. */
function MoreMenu({ view, isExpert, onWork, onDocuments }: ExpertBarProps) {
  const { desk } = useDesk();
  const meeting = useMeeting();
  const text = useExpertText();
  const documents = useDocumentWords();
  const { device } = view;
  const mayAsk = isExpert && device.participant_id !== "";
  return (
    <Menu
      label={text.bar.moreName}
      placement="top"
      trigger={
        <BarButton name={text.bar.moreName} word={text.bar.more} testId="more">
          <Ellipsis size={22} aria-hidden />
        </BarButton>
      }
    >
      {mayAsk ? (
        <MenuItem icon={<Camera size={18} aria-hidden />} onAction={() => void desk.ask("still")}>
          {text.bar.stillName}
        </MenuItem>
      ) : null}
      {mayAsk && device.has_torch ? (
        <MenuItem
          icon={<Flashlight size={18} aria-hidden />}
          onAction={() => void desk.ask("torch", device.torch ? 0 : 1)}
        >
          {device.torch ? text.bar.torchOff : text.bar.torchOn}
        </MenuItem>
      ) : null}
      {mayAsk && device.zoom_max > device.zoom_min ? (
        <MenuItem icon={<ZoomIn size={18} aria-hidden />} onAction={() => zoomBy(desk, view, ZOOM_STEP)}>
          {text.bar.zoomIn}
        </MenuItem>
      ) : null}
      {mayAsk && device.zoom > device.zoom_min ? (
        <MenuItem icon={<ZoomOut size={18} aria-hidden />} onAction={() => zoomBy(desk, view, 1 / ZOOM_STEP)}>
          {text.bar.zoomOut}
        </MenuItem>
      ) : null}
      {mayAsk ? (
        <MenuItem
          icon={<SwitchCamera size={18} aria-hidden />}
          onAction={() => void desk.ask("switch_camera")}
        >
          {text.bar.switchCameraName}
        </MenuItem>
      ) : null}
      <MenuItem icon={<ClipboardCheck size={18} aria-hidden />} testId="work" onAction={onWork}>
        {text.bar.workName}
      </MenuItem>
      {onDocuments ? (
        <MenuItem icon={<BookOpen size={18} aria-hidden />} testId="open-documents" onAction={onDocuments}>
          {documents.openName}
        </MenuItem>
      ) : null}
      <MenuItem
        icon={<MessageSquareText size={18} aria-hidden />}
        onAction={() => meeting.togglePanel("chat")}
      >
        {text.bar.chat}
      </MenuItem>
    </Menu>
  );
}

function FreezeButton() {
  const { desk, live } = useDesk();
  const text = useExpertText();
  const frozen = useSelected(desk.frozen, (state) => state?.by === "hand");
  const hasPicture = useStore(live.hasPicture);
  if (!hasPicture) return null;
  return (
    <BarButton
      name={frozen ? text.stage.resume : text.bar.freeze}
      word={frozen ? text.bar.unfreeze : text.bar.freeze}
      shortcut={ACT_KEYS.freeze}
      testId="freeze"
      onPress={() => desk.freeze(live.picture)}
      active={frozen}
      isPressed={frozen}
    >
      {frozen ? <Play size={22} aria-hidden /> : <Snowflake size={22} aria-hidden />}
    </BarButton>
  );
}

const ZOOM_STEP = 1.25;

/** Torch, zoom, photo and camera of the phone on site; one that waits for consent says so. */
function DeviceButtons({ view }: { view: RoomView }) {
  const { desk } = useDesk();
  const text = useExpertText();
  const me = useStore(useMeeting().me);
  const { device } = view;
  if (device.participant_id === "") return null;
  const open = new Set(Object.values(view.asks).flatMap((ask) => (ask.by === me ? [ask.ask] : [])));
  const waiting = (name: string, isOpen: boolean): string =>
    isOpen ? `${name} (${text.asks.waiting})` : name;
  const canZoom = device.zoom_max > device.zoom_min;
  return (
    <>
      <BarButton
        name={waiting(text.bar.stillName, open.has("still"))}
        word={text.bar.still}
        shortcut={ACT_KEYS.still}
        testId="ask-still"
        active={open.has("still")}
        onPress={() => void desk.ask("still")}
      >
        <Camera size={22} aria-hidden />
      </BarButton>
      {device.has_torch ? (
        <BarButton
          name={waiting(device.torch ? text.bar.torchOff : text.bar.torchOn, open.has("torch"))}
          word={text.bar.torch}
          shortcut={ACT_KEYS.torch}
          testId="ask-torch"
          active={device.torch || open.has("torch")}
          onPress={() => void desk.ask("torch", device.torch ? 0 : 1)}
        >
          {device.torch ? <Flashlight size={22} aria-hidden /> : <FlashlightOff size={22} aria-hidden />}
        </BarButton>
      ) : null}
      {canZoom ? (
        <>
          <BarButton
            name={waiting(`${text.bar.zoomOut} (${device.zoom.toFixed(1)}×)`, open.has("zoom"))}
            word={text.bar.zoom}
            shortcut="−"
            onPress={() => zoomBy(desk, view, 1 / ZOOM_STEP)}
          >
            <ZoomOut size={22} aria-hidden />
          </BarButton>
          <BarButton
            name={waiting(text.bar.zoomIn, open.has("zoom"))}
            word={text.bar.zoom}
            shortcut="+"
            testId="zoom-in"
            onPress={() => zoomBy(desk, view, ZOOM_STEP)}
          >
            <ZoomIn size={22} aria-hidden />
          </BarButton>
        </>
      ) : null}
      <BarButton
        name={waiting(text.bar.switchCameraName, open.has("switch_camera"))}
        word={text.bar.switchCamera}
        active={open.has("switch_camera")}
        onPress={() => void desk.ask("switch_camera")}
      >
        <SwitchCamera size={22} aria-hidden />
      </BarButton>
    </>
  );
}

/** One ask at a time: the next step starts from what the first one makes of it. */
export function zoomBy(desk: ReturnType<typeof useDesk>["desk"], view: RoomView, factor: number): void {
  const { zoom, zoom_min, zoom_max } = view.device;
  const wanted = Math.min(zoom_max, Math.max(zoom_min, Math.round(zoom * factor * 100) / 100));
  const isOpen = Object.values(view.asks).some((ask) => ask.ask === "zoom");
  if (wanted !== zoom && !isOpen) void desk.ask("zoom", wanted);
}

function LeaveButton({ ask }: { ask: (question: Question) => void }) {
  const meeting = useMeeting();
  const text = useExpertText();
  const me = useStore(meeting.me);
  const role = useSelected(meeting.view, (view) => view?.participants[me]?.role);
  const icon = <PhoneOff size={22} aria-hidden />;
  if (role !== "host")
    return (
      <BarButton
        name={text.bar.leave}
        word={text.bar.leave}
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
        <BarButton name={text.bar.leave} word={text.bar.leave} testId="leave" leave>
          {icon}
        </BarButton>
      }
    >
      <MenuItem onAction={() => meeting.leave()}>{text.bar.leave}</MenuItem>
      <MenuItem
        danger
        testId="end-for-all"
        onAction={() =>
          ask({
            title: text.bar.endTitle,
            text: text.bar.endText,
            action: text.bar.end,
            run: () => void meeting.controls.endForAll(),
          })
        }
      >
        {text.bar.end}
      </MenuItem>
    </Menu>
  );
}
