import type { CSSProperties } from "react";
import styles from "./avatar.module.css";
import { classes } from "./classes";

/** Two letters for a Latin name, the last two characters (the given name) for a Chinese one. */
export function initialsOf(name: string): string {
  const trimmed = name.trim();
  if (/\p{Script=Han}/u.test(trimmed))
    return [...trimmed.replace(/[^\p{Script=Han}]/gu, "")].slice(-2).join("");
  const words = trimmed.split(/\s+/).filter(Boolean);
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** A hue that belongs to an identity, the same on every screen. */
export function hueOf(identity: string): number {
  let hash = 2166136261;
  for (const character of identity) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 0) % 360;
}

export function Avatar({
  name,
  identity,
  size,
  className,
}: {
  name: string;
  identity: string;
  size?: number;
  className?: string | undefined;
}) {
  const style = { "--hue": hueOf(identity), ...(size ? { "--size": `${size}px` } : {}) } as CSSProperties;
  return (
    <span className={classes(styles.avatar, className)} style={style} aria-hidden>
      {initialsOf(name)}
    </span>
  );
}
