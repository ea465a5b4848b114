import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useText } from "../context";
import pages from "../pages/page.module.css";
import { Button } from "./button";
import { TextField } from "./fields";

/** Copies a text; false when the browser refuses (no secure context): then the person can still select it. */
export async function copyText(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = value;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    // The only way left on plain http.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

export function CopyField({ label, value, testId }: { label: string; value: string; testId?: string }) {
  const text = useText();
  const [copied, setCopied] = useState(false);
  return (
    <div className={pages.linkRow}>
      <TextField
        label={label}
        value={value}
        onChange={() => undefined}
        isReadOnly
        {...(testId ? { testId } : {})}
      />
      <Button
        large
        onPress={() => {
          void copyText(value).then(setCopied);
        }}
      >
        {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        <span aria-live="polite">{copied ? text.common.copied : text.common.copy}</span>
      </Button>
    </div>
  );
}
