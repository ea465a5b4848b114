/** Files in the chat of a meeting. */
export const roomFiles = {
  chat: {
    save: "Save the chat",
    text: "As text",
    table: "As a table (CSV)",
    failed: "Not all older messages could be loaded. Save again in a while.",
  },
  add: "Share files",
  kinds: "PDF, JPEG or PNG, up to 30 MB",
  drop: "Drop files here to share them with everyone",
  sending: (p: { name: string; percent: number }) => `${p.name}: ${p.percent}% sent`,
  waiting: (p: { name: string }) => `${p.name}: waiting`,
  cancel: (p: { name: string }) => `Do not share ${p.name}`,
  retry: (p: { name: string }) => `Share ${p.name} again`,
  dismiss: (p: { name: string }) => `Take ${p.name} off the list`,
  save: "Save",
  gone: "This file cannot be opened any more.",
  encrypted: "No files here: this meeting is encrypted end to end, and the server could read them.",
  nobody: "The host has switched off files.",
  members: "Files are for signed-in people here.",
  sharing: "Who may share files",
  choices: {
    everyone: "Everyone",
    members: "Signed-in people",
    nobody: "Nobody",
  },
};
