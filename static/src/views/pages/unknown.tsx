import { useText } from "../context";
import { ButtonLink } from "../ui/button";
import { PageFrame } from "./page-frame";
import styles from "./page.module.css";

export default function UnknownPage() {
  const text = useText();
  return (
    <PageFrame title={text.common.notFoundTitle}>
      <div className={styles.narrow}>
        <h1>{text.common.notFoundTitle}</h1>
        <p className={styles.soft}>{text.common.notFoundText}</p>
        <ButtonLink href="/" tone="primary" large>
          {text.common.home}
        </ButtonLink>
      </div>
    </PageFrame>
  );
}
