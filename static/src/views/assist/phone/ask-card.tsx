import { Button } from "react-aria-components";
import type { DeviceAsk } from "../../../protocol.gen";
import type { OnSite } from "../../../state/assist/phone";
import { useStore } from "../../context";
import { classes } from "../../ui/classes";
import styles from "./phone.module.css";
import { usePhoneWords } from "./use-words";
import type { PhoneWords } from "./words-en";

/** What an expert would like the phone to do: nothing happens before a yes. */
export function AskCard({ onSite }: { onSite: OnSite }) {
  const words = usePhoneWords();
  const [ask] = useStore(onSite.asks);
  if (!ask) return null;
  return (
    <div
      className={styles.card}
      role="alertdialog"
      aria-label={askText(ask, words)}
      data-testid="ask"
      data-ask={ask.ask}
    >
      <p className={styles.cardText}>{askText(ask, words)}</p>
      <div className={styles.answers}>
        <Button
          className={styles.wide ?? ""}
          data-testid="ask-no"
          onPress={() => void onSite.answer(ask, false)}
        >
          {words.no}
        </Button>
        <Button
          className={classes(styles.wide, styles.primary)}
          data-testid="ask-yes"
          onPress={() => void onSite.answer(ask, true)}
        >
          {words.yes}
        </Button>
      </div>
      <Button
        className={styles.plain ?? ""}
        data-testid="ask-always"
        onPress={() => void onSite.answer(ask, true, true)}
      >
        {words.always}
      </Button>
    </div>
  );
}

function askText({ ask, by_name: name, value }: DeviceAsk, words: PhoneWords): string {
  switch (ask) {
    case "torch":
    case "freeze":
      return words.asks[ask]({ name, on: value >= 0.5 });
    case "zoom":
      return words.asks.zoom({ name, factor: String(Math.round(10 * value) / 10) });
    case "still":
    case "switch_camera":
      return words.asks[ask]({ name });
  }
}
