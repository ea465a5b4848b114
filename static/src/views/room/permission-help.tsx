import type { DeviceKind, MediaProblem } from "../../state/media/local";
import { browserOf } from "../../state/platform";
import { useText } from "../context";
import { Button } from "../ui/button";
import styles from "./door.module.css";

/** What is wrong with a device, and what to do about it in this very browser. */
export function PermissionHelp({
  device,
  problem,
  retry,
}: {
  device: DeviceKind | "both";
  problem: MediaProblem;
  retry: () => void;
}) {
  const text = useText();
  const steps = text.permissionHelp.steps[browserOf(navigator.userAgent)];
  const blocked = problem === "permission_denied" || problem === "unsupported";
  return (
    <section className={styles.help} role="alert">
      <h2>{text.mediaProblemTitle({ device })}</h2>
      <p>{text.mediaProblem[problem]}</p>
      {blocked ? (
        <ol aria-label={text.permissionHelp.title}>
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      ) : null}
      <p>{text.permissionHelp.joinWithout}</p>
      {problem === "insecure_context" ? null : (
        <div>
          <Button onPress={retry}>{text.common.retry}</Button>
        </div>
      )}
    </section>
  );
}
