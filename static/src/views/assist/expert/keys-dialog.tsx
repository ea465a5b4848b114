import { TOOLS } from "../../../state/assist/drawing";
import { ACT_KEYS, COLOR_KEYS, TOOL_KEYS } from "../../../state/assist/expert-keys";
import panel from "../../room/panel.module.css";
import { Dialog } from "../../ui/dialog";
import { useExpertText } from "./words";

/** All keys of the page, on "?". */
export function KeysDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const text = useExpertText();
  const colors = Object.values(COLOR_KEYS);
  const rows: readonly (readonly [string, string])[] = [
    ...TOOLS.map((tool) => [text.tools[tool], TOOL_KEYS[tool]] as const),
    [text.keys.colors, `${colors[0] ?? ""} – ${colors.at(-1) ?? ""}`],
    [text.undo, "Ctrl Z"],
    [text.redo, "Ctrl Y"],
    [text.keys.remove, "Del"],
    [text.bar.freeze, ACT_KEYS.freeze],
    [text.bar.stillName, ACT_KEYS.still],
    [text.bar.torchOn, ACT_KEYS.torch],
    [text.keys.zoom, "+ −"],
    [text.keys.microphone, ACT_KEYS.microphone],
    [text.keys.title, ACT_KEYS.help],
  ];
  return (
    <Dialog title={text.keys.title} isOpen={isOpen} onClose={onClose}>
      <dl className={panel.shortcuts}>
        {rows.map(([name, key]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <kbd>{key}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
