import type { DeviceKind } from "../state/media/local";
import type { Shortcut } from "../state/shortcuts";
import { pluralizer } from "./plural";

const plural = pluralizer("en");

const sources = {
  microphone: "microphone",
  camera: "camera",
  screen: "screen share",
  screen_audio: "shared sound",
};

/** What is said inside a meeting. */
export const enRoom = {
  bar: {
    label: "Meeting controls",
    mute: "Mute",
    unmute: "Unmute",
    cameraOff: "Turn camera off",
    cameraOn: "Turn camera on",
    microphoneTrouble: "Microphone cannot be used",
    cameraTrouble: "Camera cannot be used",
    share: "Share screen",
    stopShare: "Stop sharing",
    raiseHand: "Raise hand",
    lowerHand: "Lower hand",
    react: "React",
    chat: "Chat",
    people: "People",
    more: "More",
    leave: "Leave",
    leaveMeeting: "Leave the meeting",
    endForAll: "End for everyone",
    flipCamera: "Switch camera",
    microphoneMenu: "Choose microphone and speaker",
    cameraMenu: "Choose camera",
    short: {
      microphone: "Mic",
      camera: "Camera",
      share: "Share",
      stopShare: "Stop",
      hand: "Hand",
      react: "React",
      chat: "Chat",
      people: "People",
      more: "More",
      leave: "Leave",
    },
  },
  more: {
    grid: "Grid view",
    speaker: "Speaker view",
    fullScreen: "Full screen",
    leaveFullScreen: "Leave full screen",
    invite: "Invite people",
    devices: "Devices and settings",
    details: "Connection details",
    shortcuts: "Keyboard shortcuts",
    rename: "Change your name",
    language: "Language",
  },
  stage: {
    label: "Stage",
    alone: "You are the only one here",
    aloneText: "Send the link; people can join from any browser.",
    own: (p: { name: string }) => `${p.name} (you)`,
    tile: (p: { name: string }) => p.name,
    screenOf: (p: { name: string }) => `${p.name}’s screen`,
    yourScreen: "You are sharing your screen",
    yourScreenText: "Everyone sees it now.",
    pin: (p: { name: string }) => `Pin ${p.name}`,
    unpin: (p: { name: string }) => `Unpin ${p.name}`,
    muted: "Muted",
    speaking: "Speaking",
    handRaised: "Hand raised",
    away: "Connection lost, seat kept",
    page: (p: { page: number; pages: number }) => `Page ${p.page} of ${p.pages}`,
    pages: "Pages of the stage",
    previousPage: "Previous page",
    nextPage: "Next page",
    ownPicture: "Your picture. Move it with the arrow keys.",
    elapsed: "Time since the start",
    others: (p: { count: number }) => plural(p.count, { one: "# more", other: "# more" }),
    noPicture: "Camera off",
  },
  video: {
    audioOnly: "Audio only",
    show: "Show video again",
    incoming: "Video of others",
    choices: { all: "As large as shown", saver: "Small, to save data", none: "None, sound only" },
    states: {
      own: {
        short: "Audio only",
        long: "You take sound only, as you chose. Cameras and shared screens of others are not received.",
      },
      audio_only: {
        short: "Video paused",
        long: "Video is paused to keep the sound clear: your line does not carry both now. It comes back by itself.",
      },
      reduced: {
        short: "Less video",
        long: "Your line does not carry all pictures at full size. Some are smaller or paused; sound goes first. They come back by themselves.",
      },
    },
    paused: "Video paused",
    undecodable: {
      short: "Cannot be shown",
      long: "This browser cannot show this picture: it comes in a video format (codec) that is missing here. Sound is not affected. Another browser may show it.",
    },
  },
  quality: {
    good: "Line is good",
    weak: "Weak line",
    bad: "Bad line",
    unknown: "Line not measured yet",
    cause: (p: { name: string; cause: string }) => {
      switch (p.cause) {
        case "uplink_loss":
          return `${p.name}: losing packets on the way up`;
        case "downlink_loss":
          return `${p.name}: losing packets on the way down`;
        case "delay":
          return `${p.name}: long delay`;
        case "cpu":
          return `${p.name}: computer is too busy`;
        default:
          return `${p.name}: weak line`;
      }
    },
    short: {
      uplink_loss: "Loss up",
      downlink_loss: "Loss down",
      delay: "Delay",
      cpu: "Busy",
      other: "Weak",
    } as Record<string, string>,
    yours: "Your line",
  },
  encryption: {
    chip: "Encrypted",
    title: "End-to-end encrypted",
    door: "End-to-end encrypted: only those in the meeting can see and hear it, not the server.",
    impossible:
      "This meeting is end-to-end encrypted, and this browser cannot take part. Use a current Chrome, Edge, Firefox or Safari.",
    about:
      "Picture, sound and chat are sealed in this browser and opened only in the browsers of those who are here. The server passes them on and cannot read them.",
    phraseLabel: "Phrase of this meeting",
    compare:
      "Have someone you recognise read these digits aloud: if yours are the same, nobody in between holds the keys.",
    changes: "They change whenever somebody comes or leaves.",
    working: "Being worked out",
    devices: (p: { count: number }) => plural(p.count, { one: "# device", other: "# devices" }),
    without:
      "Not available here: recording, livestream, telephone, devices by WHIP or WHEP, transcription by the server.",
    notHidden: "The server still knows who is here, when, and who is speaking.",
    chat: "Messages are end-to-end encrypted. Those who come later, or load the page again, cannot read earlier ones.",
    opening: "Being decrypted",
    unreadable: "Written before this page had the key",
  },
  recording: {
    start: "Record the meeting",
    ask: "Record this meeting?",
    askText:
      "Everybody in it is told, and so is whoever comes later. The film is found under Recordings when it has ended.",
    pause: "Pause the recording",
    resume: "Go on recording",
    stop: "End the recording",
    starting: "Recording starts",
    on: "Recording",
    onTracks: "Recording, tracks too",
    paused: "Recording paused",
  },
  badges: {
    locked: "Locked",
    attendance: "Attendance is recorded",
    symposium: "Symposium",
    waiting: (p: { count: number }) => plural(p.count, { one: "# waiting", other: "# waiting" }),
    hands: (p: { count: number }) => plural(p.count, { one: "# hand", other: "# hands" }),
    sharing: "You are sharing",
  },
  banner: {
    signalLost:
      "Connection to the server lost. You may still see and hear each other; chat and controls are coming back.",
    allLost: "Connection lost. Coming back by itself; your seat is kept.",
    longLost: "Connection lost. Still trying; you are back in when the server answers.",
    mediaLost: "Picture and sound are interrupted. Coming back by itself.",
    mediaNever: "Picture and sound do not get through. UDP may be blocked on this network.",
    seconds: (p: { seconds: number }) => `${p.seconds} s`,
    nextTry: (p: { seconds: number }) => `next try in ${p.seconds} s`,
    trying: "trying now",
    tryNow: "Try now",
    soundBlocked: "The browser holds back the sound.",
    playSound: "Turn sound on",
    mutedHint: "You are muted",
    mutedHintAction: "Unmute",
  },
  chat: {
    title: "Chat",
    close: "Close chat",
    empty: "What is written here, everyone in the meeting can read.",
    placeholder: "Write to everyone",
    send: "Send",
    messages: "Messages",
    loadOlder: "Load older messages",
    deleted: "This message was deleted",
    deleting: "Deleting",
    remove: "Delete message",
    removeFrom: (p: { name: string }) => `Delete message from ${p.name}`,
    sending: "Sending",
    waitingForLine: "Will be sent when the line is back",
    failed: "Not sent",
    discard: "Discard",
    unread: (p: { count: number }) =>
      plural(p.count, { one: "# unread message", other: "# unread messages" }),
    tooLong: (p: { count: number }) =>
      plural(p.count, { one: "# character too long", other: "# characters too long" }),
    newMessages: "New messages",
  },
  people: {
    title: "People",
    close: "Close people",
    count: (p: { count: number }) => plural(p.count, { one: "# person", other: "# people" }),
    waiting: "Waiting in the lobby",
    admit: "Admit",
    deny: "Deny",
    denyNamed: (p: { name: string }) => `Deny ${p.name}`,
    admitAll: "Admit all",
    denyAll: "Deny all",
    sameNetwork: "Same network as someone who was removed",
    inside: "In the meeting",
    search: "Search people",
    roles: { host: "Host", co_host: "Co-host", participant: "Member", guest: "Guest" },
    options: (p: { name: string }) => `Options for ${p.name}`,
    mute: "Mute",
    stopVideo: "Stop video",
    stopShare: "Stop screen share",
    lowerHand: "Lower hand",
    makeCoHost: "Make co-host",
    takeCoHost: "Take co-host role back",
    remove: "Remove",
    pin: "Pin",
    unpin: "Unpin",
    muteAll: "Mute all",
    controls: "Meeting settings",
    lock: "Lock the meeting",
    lockText: "Nobody new can come in.",
    lobby: "Lobby",
    lobbyText: "New people wait until they are let in.",
    handOrder: (p: { position: number }) => `Hand number ${p.position}`,
    sharing: "Shares the screen",
    invite: "Invite people",
    microphoneOn: "Microphone on",
    microphoneOff: "Microphone off",
    cameraOn: "Camera on",
    cameraOff: "Camera off",
    noMatch: "Nobody by this name",
  },
  confirm: {
    removeTitle: (p: { name: string }) => `Remove ${p.name}?`,
    removeText: (p: { name: string }) =>
      `${p.name} leaves at once and cannot come back to this meeting, not even with the link.`,
    remove: "Remove",
    muteAllTitle: "Mute everyone?",
    muteAllText: "All microphones except those of the hosts are muted. People can unmute themselves.",
    muteAll: "Mute everyone",
    endTitle: "End the meeting for everyone?",
    endText: (p: { count: number }) =>
      plural(p.count, {
        one: "# person leaves at once, and the link stops working.",
        other: "# people leave at once, and the link stops working.",
      }),
    end: "End for everyone",
    denyAllTitle: (p: { count: number }) =>
      plural(p.count, { one: "Deny # person?", other: "Deny # people?" }),
    denyAllText: "They are told that they were not let in.",
    denyAll: "Deny all",
  },
  invite: {
    title: "Invite people",
    text: "Whoever opens this link can join from a browser.",
    link: "Link",
    copy: "Copy link",
    code: "Meeting code",
    qr: "Link as a QR code",
    qrText: "Scan to join on a phone",
  },
  details: {
    title: "Connection details",
    close: "Close connection details",
    you: "Your line",
    rtt: "Round trip",
    signal: "Server",
    loss: "Loss",
    bitrate: "Bit rate",
    available: "Available up",
    resolution: "Resolution",
    frames: "Frames",
    codec: "Codec",
    freezes: "Frozen",
    jitter: "Jitter",
    transport: "Transport",
    sending: "Sending",
    receiving: (p: { name: string }) => `From ${p.name}`,
    limited: { none: "no", cpu: "by the computer", bandwidth: "by the line", other: "yes" },
    limitedBy: "Held back",
    nothing: "Measurements appear a few seconds after joining.",
    sources: { microphone: "Microphone", camera: "Camera", screen: "Screen", screen_audio: "Shared sound" },
  },
  shortcuts: {
    title: "Keyboard shortcuts",
    names: {
      microphone: "Mute or unmute",
      push_to_talk: "Hold to talk while muted",
      camera: "Start or stop video",
      share: "Share or stop sharing the screen",
      hand: "Raise or lower your hand",
      chat: "Open or close chat",
      people: "Open or close people",
      layout: "Switch between grid and speaker view",
      previous_page: "Previous page of the stage",
      next_page: "Next page of the stage",
      full_screen: "Full screen",
      help: "This help",
    } satisfies Record<Shortcut, string>,
    space: "Space",
  },
  rename: { title: "Change your name", submit: "Change" },
  reactions: {
    clap: "Clap",
    heart: "Heart",
    laugh: "Laugh",
    wow: "Wow",
    thumbs_up: "Thumbs up",
    celebrate: "Celebrate",
  } as Record<string, string>,
  notices: {
    joined: (p: { name: string }) => `${p.name} joined`,
    left: (p: { name: string }) => `${p.name} left`,
    removed_other: (p: { name: string }) => `${p.name} was removed`,
    hand_raised: (p: { name: string }) => `${p.name} raised a hand`,
    hand_lowered_by: (p: { name: string }) => `${p.name} lowered your hand`,
    hand_is: (p: { raised: boolean }) => (p.raised ? "Your hand is raised" : "Your hand is lowered"),
    chat: (p: { name: string; text: string }) => `${p.name}: ${p.text}`,
    asks_to_enter: (p: { name: string }) => `${p.name} asks to come in`,
    shares_screen: (p: { name: string }) => `${p.name} shares the screen`,
    muted_by: (p: { name: string; source: keyof typeof sources }) =>
      p.name
        ? `${p.name} switched off your ${sources[p.source]}`
        : `Your ${sources[p.source]} was switched off`,
    role_is: (p: { role: "host" | "co_host" | "participant" | "guest" }) =>
      ({
        host: "You are now a host",
        co_host: "You are now a co-host",
        participant: "You are no longer a co-host",
        guest: "You are no longer a co-host",
      })[p.role],
    locked: (p: { locked: boolean }) => (p.locked ? "The meeting was locked" : "The meeting was unlocked"),
    recording_is: (p: {
      recording: "starting" | "running" | "paused" | "resumed" | "stopped" | "failed";
      name: string;
    }) =>
      ({
        starting: p.name ? `${p.name} records this meeting` : "This meeting is being recorded",
        running: p.name ? `This meeting is being recorded by ${p.name}` : "This meeting is being recorded",
        paused: "The recording is paused",
        resumed: "The recording goes on",
        stopped: "The recording has ended. It is found under Recordings.",
        failed: "The recording could not go on. What was recorded is found under Recordings.",
      })[p.recording],
    lobby: (p: { enabled: boolean }) =>
      p.enabled ? "The lobby was switched on" : "The lobby was switched off",
    device_fails: (p: { title: string; text: string }) => `${p.title}. ${p.text}`,
    device_lost: (p: { device: DeviceKind }) =>
      p.device === "camera"
        ? "The camera was unplugged. Trying another one."
        : "The microphone was unplugged. Trying another one.",
    video_is: (p: { paused: boolean }) =>
      p.paused
        ? "Video is paused to keep the sound clear. It comes back by itself."
        : "Your line is better: video is back.",
    copied: "Link copied",
    back: "You are back",
    show: "Show",
  },
};
