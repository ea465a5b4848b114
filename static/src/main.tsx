import { createRoot } from "react-dom/client";
import { LanguageModel } from "./i18n/language";
import { AccountModel } from "./state/account";
import { Api } from "./state/api";
import { Preferences, type KeyValue } from "./state/preferences";
import { Router } from "./state/router";
import { AppView } from "./views/app";
import "./views/base.css";
import { AppContext } from "./views/context";

function storage(kind: "localStorage" | "sessionStorage"): KeyValue | null {
  try {
    return window[kind];
  } catch {
    // Refused, as in some embedded browsers: nothing is remembered.
    return null;
  }
}

async function start(): Promise<void> {
  const preferences = new Preferences(storage("localStorage"));
  const language = await LanguageModel.start(preferences, navigator.languages);
  const api = new Api((path, init) => fetch(path, init));
  const router = new Router({
    location: window.location,
    push: (path) => history.pushState(null, "", path),
    replace: (path) => history.replaceState(null, "", path),
    onPop: (listener) => window.addEventListener("popstate", listener),
  });
  const app = { api, account: new AccountModel(api), router, preferences, language };
  void app.account.load();
  const root = document.getElementById("root");
  if (!root) throw new Error("the page has no #root");
  createRoot(root).render(
    // No StrictMode: it mounts everything twice, and a visit to a room takes its seat by being mounted.
    <AppContext value={app}>
      <AppView sessionStorage={storage("sessionStorage")} />
    </AppContext>,
  );
}

void start();
