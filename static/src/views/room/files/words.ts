import type { Words } from "../../../i18n/catalogue";
import { roomFiles as english } from "../../../i18n/en-room-files";
import { roomFiles as chinese } from "../../../i18n/zh-room-files";
import { useLocale } from "../../context";

export function useFileWords(): Words<typeof english> {
  return useLocale() === "en" ? english : chinese;
}
