/** What the phone on site says. */
export const en = {
  alone: "Waiting for the expert",
  with: ({ name, others }: { name: string; others: number }) =>
    others === 0 ? `With ${name}` : `With ${name} and ${others} more`,
  line: {
    good: "Good line",
    weak: "Weak line",
    lost: "No line",
    kept: ({ count }: { count: number }) => `${count} kept on this phone`,
  },
  torch: "Torch",
  torchOn: "Switch the torch off",
  torchOff: "Switch the torch on",
  photo: "Photo",
  takePhoto: "Take a photo",
  microphone: "Mic",
  mute: "Mute",
  unmute: "Unmute",
  holdToTalk: "Hold to talk",
  talking: "You are heard",
  checklist: "Checklist",
  more: "More",
  close: "Close",
  freeze: "Freeze the picture",
  goOn: "Let the picture go on",
  frozen: "The picture is frozen",
  otherCamera: "Other camera",
  zoom: "Zoom",
  narrow: {
    title: "Picture",
    auto: "As the line allows",
    video: "Always moving",
    stills: "Photos only",
    now: "Narrow line: photos instead of a moving picture. Marks stay where they are.",
    back: "The moving picture is back.",
  },
  talkMode: "Hold to talk (for noise)",
  leave: "Leave",
  leaveTitle: "Leave the session?",
  leaveText: "The expert will not see your machine any more. What is kept on this phone is sent later.",
  stay: "Stay",
  thisOne: "This one?",
  confirm: "Yes, this one",
  notThis: "No",
  remove: "Remove the mark",
  removed: "The mark is removed",
  undo: "Undo",
  confirmed: "Confirmed",
  mark: ({ name }: { name: string }) => `Mark of ${name}`,
  seeking: ({ count }: { count: number }) =>
    count === 1 ? "Looking for 1 mark" : `Looking for ${count} marks`,
  unplaced: ({ count }: { count: number }) =>
    count === 1 ? "1 mark belongs to an earlier picture" : `${count} marks belong to an earlier picture`,
  otherLeads: ({ name }: { name: string }) => `The expert draws on ${name}’s picture`,
  lead: "Draw on mine",
  asks: {
    torch: ({ name, on }: { name: string; on: boolean }) =>
      `${name} would like the torch ${on ? "on" : "off"}`,
    zoom: ({ name, factor }: { name: string; factor: string }) => `${name} would like zoom ${factor}×`,
    still: ({ name }: { name: string }) => `${name} would like a photo`,
    switch_camera: ({ name }: { name: string }) => `${name} would like the other camera`,
    freeze: ({ name, on }: { name: string; on: boolean }) =>
      on ? `${name} would like the picture frozen` : `${name} would like the picture to go on`,
  },
  ar: {
    start: "Hold marks in space (AR)",
    starting: "Starting AR…",
    stop: "Back to the plain camera",
    failed: "AR did not start. Marks go on as before.",
  },
  yes: "Yes",
  no: "No",
  always: "Always in this session",
  stillTaken: "Photo kept",
  stillFailed: "The camera gave no photo. Try again.",
  spares: "Slower, to spare the phone",
  noCamera: "The camera does not open",
  tryAgain: "Try again",
  sound: "Tap to hear the expert",
};

type Words<T> = T extends string
  ? string
  : T extends (parameters: infer P) => string
    ? (parameters: P) => string
    : { readonly [K in keyof T]: Words<T[K]> };

export type PhoneWords = Words<typeof en>;
