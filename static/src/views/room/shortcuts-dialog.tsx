import { SHORTCUT_KEYS, SHORTCUTS } from "../../state/shortcuts";
import { useText } from "../context";
import { Dialog } from "../ui/dialog";
import styles from "./panel.module.css";

export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const text = useText();
  return (
    <Dialog title={text.shortcuts.title} isOpen={isOpen} onClose={onClose}>
      <dl className={styles.shortcuts}>
        {SHORTCUTS.map((shortcut) => (
          <div key={shortcut}>
            <dt>{text.shortcuts.names[shortcut]}</dt>
            <dd>
              <kbd>{shortcut === "push_to_talk" ? text.shortcuts.space : SHORTCUT_KEYS[shortcut]}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
