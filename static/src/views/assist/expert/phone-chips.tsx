import { BatteryLow, Images, SignalLow, Snowflake, ThermometerSun } from "lucide-react";
import type { ReactNode } from "react";
import type { Participant, RoomView } from "../../../protocol.gen";
import { useText } from "../../context";
import styles from "./expert.module.css";
import { useExpertText } from "./words";

const BATTERY_LOW_PERCENT = 20;

/** What is out of the ordinary with the phone or its line, with the cause. */
export function PhoneChips({ view, phone }: { view: RoomView; phone: Participant | undefined }) {
  const text = useExpertText();
  const words = useText();
  const { device } = view;
  if (!phone) return null;
  const isWeak = phone.quality === "weak" || phone.quality === "bad";
  const isLow = device.battery_percent >= 0 && device.battery_percent <= BATTERY_LOW_PERCENT;
  return (
    <div className={styles.chips} role="status">
      {device.mode === "stills" ? (
        <Chip weak icon={<Images size={14} aria-hidden />} words={text.stage.stills} />
      ) : isWeak ? (
        <Chip
          weak
          icon={<SignalLow size={14} aria-hidden />}
          words={words.quality.cause({ name: phone.name, cause: phone.quality_cause })}
        />
      ) : null}
      {device.frozen ? (
        <Chip icon={<Snowflake size={14} aria-hidden />} words={text.stage.phoneFrozen} />
      ) : null}
      {device.warm ? (
        <Chip weak icon={<ThermometerSun size={14} aria-hidden />} words={text.people.warm} />
      ) : null}
      {isLow ? (
        <Chip
          weak
          icon={<BatteryLow size={14} aria-hidden />}
          words={text.people.battery({ count: device.battery_percent })}
        />
      ) : null}
    </div>
  );
}

function Chip({ icon, words, weak }: { icon: ReactNode; words: string; weak?: boolean }) {
  return (
    <span className={styles.chip} data-weak={weak}>
      {icon}
      {words}
    </span>
  );
}
