import { ChevronUp } from "lucide-react";
import { BATCH_MAX } from "../../state/requests/batch";
import type { BatchAction } from "../../state/requests/shapes";
import { Button } from "../ui/button";
import { Menu, MenuItem } from "../ui/menu";
import styles from "./requests.module.css";
import { useRequestWords } from "./words";

const ACTIONS: readonly BatchAction[] = ["take", "approve", "answer", "reject", "finish"];

/** What can be done with all that is chosen. */
export function BatchBar({
  count,
  onNone,
  onDecide,
}: {
  count: number;
  onNone: () => void;
  onDecide: (action: BatchAction) => void;
}) {
  const words = useRequestWords();
  return (
    <div className={styles.batchBar} role="region" aria-label={words.desk.decide} data-testid="batch-bar">
      <strong aria-live="polite">
        {words.desk.chosen({ count })}
        {count >= BATCH_MAX ? ` · ${words.desk.atMost({ count: BATCH_MAX })}` : ""}
      </strong>
      <Button tone="quiet" onPress={onNone}>
        {words.desk.none}
      </Button>
      <Menu
        label={words.desk.decide}
        placement="top end"
        trigger={
          <Button tone="primary" testId="batch-decide">
            {words.desk.decide}
            <ChevronUp size={16} aria-hidden />
          </Button>
        }
      >
        {ACTIONS.map((action) => (
          <MenuItem key={action} onAction={() => onDecide(action)} testId={`batch-${action}`}>
            {words.batch[action]}
          </MenuItem>
        ))}
      </Menu>
    </div>
  );
}
