import { useEffect } from "react";
import type { Meeting } from "../../state/meeting/meeting";
import { shortcutOf } from "../../state/shortcuts";

const TYPING = "input, textarea, select, [contenteditable='true']";
/** What a space bar would operate. */
const OPERATING =
  "button, a, [role='button'], [role='menuitem'], [role='option'], [role='switch'], [role='dialog'], [role='menu']";

/** One key for each frequent action; the help sheet lists them. */
export function useShortcuts(meeting: Meeting, toggleFullScreen: () => void, showHelp: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      const inDialog = target?.closest(
        "[role='dialog'], [role='alertdialog'], [role='menu'], [role='listbox']",
      );
      if (event.key === "Escape" && !inDialog && meeting.panel.get() !== null) {
        meeting.showPanel(null);
        return;
      }
      if (inDialog) return;
      const shortcut = shortcutOf({
        key: event.key,
        ctrlKey: event.ctrlKey,
        metaKey: event.metaKey,
        altKey: event.altKey,
        repeat: event.repeat,
        scrolling: target?.closest("aside") != null,
        typing: target?.closest(TYPING) != null,
        operating: target?.closest(OPERATING) != null,
      });
      if (!shortcut) return;
      event.preventDefault();
      switch (shortcut) {
        case "microphone":
          void meeting.toggleMicrophone();
          return;
        case "push_to_talk":
          meeting.pushToTalk(true);
          return;
        case "camera":
          void meeting.toggleCamera();
          return;
        case "share":
          void meeting.toggleShare();
          return;
        case "hand":
          void meeting.toggleHand();
          return;
        case "chat":
        case "people":
          meeting.togglePanel(shortcut);
          return;
        case "layout":
          meeting.setLayout(meeting.layout.get() === "grid" ? "speaker" : "grid");
          return;
        case "previous_page":
        case "next_page":
          meeting.placement.turn(shortcut === "next_page" ? 1 : -1);
          return;
        case "full_screen":
          toggleFullScreen();
          return;
        case "help":
          showHelp();
          return;
      }
    };
    const onKeyUp = (event: KeyboardEvent): void => {
      if (event.key === " ") meeting.pushToTalk(false);
    };
    const onBlur = (): void => meeting.pushToTalk(false);
    window.addEventListener("keydown", onKeyDown);
    window.addEventListener("keyup", onKeyUp);
    window.addEventListener("blur", onBlur);
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      window.removeEventListener("keyup", onKeyUp);
      window.removeEventListener("blur", onBlur);
    };
  }, [meeting, toggleFullScreen, showHelp]);
}
