export type TextPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

const CANDIDATE = /https?:\/\/[^\s<>"'`{}|\\^\u3000-\u303f\uff00-\uffef\u2018-\u201f]+/giu;
/** Punctuation that ends a sentence rather than an address. */
const TRAILING = /[.,;:!?…]+$/;

/**
 * Cuts a text into plain parts and links.  Only http and https become links, the address shown is the address opened,
 * and names with a user part ("https://bank@evil") stay text.
 */
export function linkify(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const link = trim(match[0]);
    const href = safeHref(link);
    if (href === null) continue;
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    parts.push({ kind: "link", text: link, href });
    end = match.index + link.length;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

function trim(candidate: string): string {
  let link = candidate.replace(TRAILING, "");
  for (const [open, close] of ["()", "[]"]) {
    if (!open || !close) continue;
    while (link.endsWith(close) && count(link, close) > count(link, open))
      link = link.slice(0, -1).replace(TRAILING, "");
  }
  return link;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** The address as the browser will open it, or null when it may not be a link. */
export function safeHref(link: string): string | null {
  let url: URL;
  try {
    url = new URL(link);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (url.username !== "" || url.password !== "") return null;
  return url.href;
}
