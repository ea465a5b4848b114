import { useLocale } from "../../context";
import { en, type PhoneWords } from "./words-en";
import { zh } from "./words-zh";

/** Both languages come with the page: together they are smaller than one picture of the camera. */
export function usePhoneWords(): PhoneWords {
  return useLocale() === "zh-CN" ? zh : en;
}
