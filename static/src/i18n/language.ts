import type { Locale, Preferences } from "../state/preferences";
import { Store } from "../state/store";
import type { Catalogue } from "./catalogue";

export interface Language {
  readonly locale: Locale;
  readonly text: Catalogue;
}

/** The first of the browser's languages that there is; Chinese is written for the park, English for everyone else. */
export function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return "zh-CN";
    if (/^en\b/i.test(language)) return "en";
  }
  return languages.length === 0 ? "zh-CN" : "en";
}

async function load(locale: Locale): Promise<Language> {
  const text = locale === "en" ? (await import("./en")).en : (await import("./zh")).zh;
  return { locale, text };
}

/** The language that the page speaks; only its own texts are loaded. */
export class LanguageModel {
  private constructor(
    readonly current: Store<Language>,
    private readonly preferences: Preferences,
  ) {}

  static async start(preferences: Preferences, languages: readonly string[]): Promise<LanguageModel> {
    const locale = preferences.get().locale ?? preferredLocale(languages);
    return new LanguageModel(new Store(await load(locale)), preferences);
  }

  async choose(locale: Locale): Promise<void> {
    this.preferences.change({ locale });
    this.current.set(await load(locale));
  }
}

/** 0:42, 12:41, 1:02:09: figures of equal width, no words, the same in every language. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}
