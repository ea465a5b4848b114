import type { Words } from "../../i18n/catalogue";
import { announcements as english } from "../../i18n/en-announcements";
import { announcements as chinese } from "../../i18n/zh-announcements";
import { useLocale } from "../context";

export type AnnouncementWords = Words<typeof english>;

export function useAnnouncementWords(): AnnouncementWords {
  return useLocale() === "en" ? english : chinese;
}

/** A moment, in the reader's zone and way of writing. */
export function useWhen(): (atMs: number) => string {
  const format = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "short" });
  return (atMs) => format.format(atMs);
}
