/** Inside the file of a chat that somebody saves. */
export const chatExport = {
  time: "Time",
  name: "Name",
  message: "Message",
  deleted: "(deleted)",
  unreadable: "(encrypted end to end, before you came in)",
  file: (p: { name: string }) => `[file] ${p.name}`,
};
