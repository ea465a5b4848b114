import { createContext, useContext, useSyncExternalStore } from "react";
import type { Catalogue } from "../i18n/catalogue";
import type { LanguageModel } from "../i18n/language";
import type { AccountModel } from "../state/account";
import type { Api } from "../state/api";
import type { Locale, Preferences } from "../state/preferences";
import type { Router } from "../state/router";
import type { Readable } from "../state/store";

/** What every page has at hand. */
export interface App {
  readonly api: Api;
  readonly account: AccountModel;
  readonly router: Router;
  readonly preferences: Preferences;
  readonly language: LanguageModel;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("AppContext is missing");
  return app;
}

export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** A part of a store's value: the view is drawn again only when that part changes (by Object.is). */
export function useSelected<T, S>(store: Readable<T>, select: (value: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/** Changes the language of the page, and of the account that is signed in. */
export function useChooseLocale(): (locale: Locale) => void {
  const { language, account, api } = useApp();
  return (locale) => {
    void language.choose(locale);
    if (account.me?.account)
      api.changeMe({ locale }).then(
        (me) => account.know(me),
        // The page speaks it all the same; the account learns it next time.
        () => undefined,
      );
  };
}

const PASSWORD_MIN_CHARS = 10;

/** The shortest password that this installation takes. */
export function usePasswordMin(): number {
  const state = useStore(useApp().account.state);
  return state.kind === "known" ? state.me.features.password_min_chars : PASSWORD_MIN_CHARS;
}

export function useText(): Catalogue {
  return useStore(useApp().language.current).text;
}

export function useLocale(): string {
  return useStore(useApp().language.current).locale;
}
