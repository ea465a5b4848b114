import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useText } from "../context";
import pages from "../pages/page.module.css";
import { Button } from "./button";
import { copyText } from "./copy-text";
import { TextField } from "./text-field";

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
