import { useState } from "react";
import { ApiError } from "../../state/api";
import { useApp, useLocale, useText } from "../context";
import pages from "../pages/page.module.css";
import { Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import styles from "./live.module.css";
import { Section } from "./section";
import { useLiveWords } from "./words";

const LANGUAGES = [
  { id: "zh", label: "中文" },
  { id: "en", label: "English" },
] as const;

interface Kept {
  readonly captions: readonly { readonly language: string; readonly label: string }[];
}

/** Captions of the replay, a file for each language. */
export function CaptionUpload({ id }: { id: string }) {
  const { api } = useApp();
  const words = useLiveWords();
  const text = useText();
  const locale = useLocale();
  const [language, setLanguage] = useState(locale === "en" ? "en" : "zh");
  const [kept, setKept] = useState<Kept["captions"]>([]);
  const [fault, setFault] = useState("");
  const label = LANGUAGES.find((one) => one.id === language)?.label ?? language;
  const send = (file: File): void => {
    const query = new URLSearchParams({ language, label }).toString();
    api.put<Kept>(`/api/livestreams/${id}/captions?${query}`, file, "").then(
      (after) => {
        setFault("");
        setKept(after.captions);
      },
      (cause: unknown) => {
        const code = cause instanceof ApiError ? cause.code : "internal";
        setFault(code === "bad_file" ? words.captionsBad : text.errors[code]);
      },
    );
  };
  return (
    <Section title={words.captions}>
      <p className={pages.small}>{words.captionsText}</p>
      <div className={styles.editRow}>
        <Select
          label={words.captions}
          hideLabel
          selected={language}
          onChange={setLanguage}
          options={LANGUAGES.map((one) => ({ id: one.id, label: one.label }))}
        />
        <label className={styles.file}>
          {words.captionsChoose}
          <input
            type="file"
            accept=".vtt,text/vtt"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file) send(file);
            }}
          />
        </label>
      </div>
      {fault ? <Fault>{fault}</Fault> : null}
      {kept.length > 0 ? (
        <p className={pages.small} role="status">
          {words.saved}: {kept.map((one) => one.label).join(", ")}
        </p>
      ) : null}
    </Section>
  );
}
