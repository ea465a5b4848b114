import { useEffect } from "react";
import { expertActOf } from "../../../state/assist/expert-keys";
import type { Meeting } from "../../../state/meeting/meeting";
import type { Desk } from "./desk-context";
import { zoomBy } from "./expert-bar";

const TYPING = "input, textarea, select, [contenteditable='true']";
const ELSEWHERE = "[role='dialog'], [role='alertdialog'], [role='menu'], [role='listbox']";

/** One key for each tool and each frequent action. Who watches only has those that touch nothing. */
export function useExpertKeys(
  meeting: Meeting,
  { desk, live }: Desk,
  isExpert: boolean,
  help: () => void,
): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || target?.closest(ELSEWHERE)) return;
      const { key, ctrlKey, metaKey, altKey, shiftKey, repeat } = event;
      const typing = target?.closest(TYPING) != null;
      const act = expertActOf({ key, ctrlKey, metaKey, altKey, shiftKey, repeat, typing });
      const view = meeting.view.get();
      if (!act || !view) return;
      const { marks } = desk;
      if (act.kind === "help") help();
      else if (act.kind === "microphone") void meeting.toggleMicrophone();
      else if (act.kind === "freeze") desk.freeze(live.picture);
      else if (!isExpert) return;
      else if (act.kind === "tool") marks.tool.set(act.tool);
      else if (act.kind === "color") marks.chooseColor(act.color);
      else if (act.kind === "undo") void marks.undo();
      else if (act.kind === "redo") void marks.redo();
      else if (act.kind === "still") void desk.ask("still");
      else if (act.kind === "torch") {
        if (!view.device.has_torch) return;
        void desk.ask("torch", view.device.torch ? 0 : 1);
      } else if (act.kind === "zoom") zoomBy(desk, view, act.factor);
      else {
        const chosen = view.marks[marks.selected.get() ?? ""];
        // Of others only with the question that the list asks: undo does not bring theirs back.
        if (!chosen || chosen.author_id !== meeting.me.get()) return;
        void marks.remove(chosen.id);
      }
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [meeting, desk, live, isExpert, help]);
}
