import type { Catalogue } from "../../i18n/catalogue";
import type { Notice } from "../../state/meeting/notices";

export function noticeText(text: Catalogue, notice: Notice): string {
  const { notices } = text;
  switch (notice.kind) {
    case "joined":
      return notices.joined(notice);
    case "left":
      return notices.left(notice);
    case "removed_other":
      return notices.removed_other(notice);
    case "hand_raised":
      return notices.hand_raised(notice);
    case "hand_lowered_by":
      return notices.hand_lowered_by(notice);
    case "hand_is":
      return notices.hand_is(notice);
    case "chat":
      return notices.chat(notice);
    case "asks_to_enter":
      return notices.asks_to_enter(notice);
    case "shares_screen":
      return notices.shares_screen(notice);
    case "muted_by":
      return notices.muted_by(notice);
    case "role_is":
      return notices.role_is(notice);
    case "locked":
      return notices.locked(notice);
    case "lobby":
      return notices.lobby(notice);
    case "recording_is":
      return notices.recording_is(notice);
    case "device_lost":
      return notices.device_lost(notice);
    case "device_fails":
      return notices.device_fails({
        title: text.mediaProblemTitle(notice),
        text: text.mediaProblem[notice.problem],
      });
    case "refused":
      return text.errors[notice.code];
    case "video_is":
      return notices.video_is(notice);
    case "copied":
      return notices.copied;
    case "back":
      return notices.back;
  }
}
