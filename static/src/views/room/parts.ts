import { later, laterDialog } from "../ui/later";

// What is opened by hand comes behind the first faces.  `bringParts` fetches all of it in one go.
const LOADERS = {
  chat: () => import("./chat-panel"),
  people: () => import("./people-panel"),
  details: () => import("./details-panel"),
  invite: () => import("./invite-dialog"),
  devices: () => import("./device-dialog"),
  shortcuts: () => import("./shortcuts-dialog"),
  rename: () => import("./rename-dialog"),
  record: () => import("./record-dialog"),
};

export const ChatPanel = later(async () => (await LOADERS.chat()).ChatPanel);
export const PeoplePanel = later(async () => (await LOADERS.people()).PeoplePanel);
export const DetailsPanel = later(async () => (await LOADERS.details()).DetailsPanel);
export const InviteDialog = laterDialog(async () => (await LOADERS.invite()).InviteDialog);
export const DeviceDialog = laterDialog(async () => (await LOADERS.devices()).DeviceDialog);
export const ShortcutsDialog = laterDialog(async () => (await LOADERS.shortcuts()).ShortcutsDialog);
export const RenameDialog = laterDialog(async () => (await LOADERS.rename()).RenameDialog);
export const RecordDialog = laterDialog(async () => (await LOADERS.record()).RecordDialog);

/** So that a panel opens without waiting.  What does not come now comes when it is asked for. */
export function bringParts(): void {
  void Promise.allSettled(Object.values(LOADERS).map((load) => load()));
}
