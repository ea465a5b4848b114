import { Store } from "./store";

export type Route =
  | { readonly page: "home" }
  | { readonly page: "today" }
  | { readonly page: "sign_in"; readonly next: string }
  | { readonly page: "setup"; readonly token: string }
  | { readonly page: "invitation"; readonly token: string }
  | { readonly page: "forgot" }
  | { readonly page: "reset"; readonly token: string }
  | { readonly page: "meetings" }
  | { readonly page: "check" }
  | { readonly page: "calendar" }
  | { readonly page: "recordings" }
  | { readonly page: "recording"; readonly id: string }
  | { readonly page: "shared_recording" }
  | { readonly page: "calendar_answer"; readonly token: string }
  | { readonly page: "scheduled"; readonly id: string; readonly at: string }
  | { readonly page: "room"; readonly code: string }
  | { readonly page: "assist"; readonly code: string }
  | { readonly page: "assistance" }
  | { readonly page: "machine"; readonly id: string }
  | { readonly page: "label"; readonly label: string }
  | { readonly page: "job"; readonly id: string }
  | { readonly page: "assist_link"; readonly token: string }
  | { readonly page: "instructions" }
  /** `id` is "new" for one that is not written yet. */
  | { readonly page: "instruction"; readonly id: string }
  | { readonly page: "live_stage"; readonly id: string }
  | { readonly page: "directory" }
  | { readonly page: "organization"; readonly id: string }
  | { readonly page: "needs" }
  | { readonly page: "need"; readonly id: string }
  | { readonly page: "plan" }
  | { readonly page: "policies" }
  | { readonly page: "policy"; readonly id: string }
  | { readonly page: "symposiums" }
  | { readonly page: "symposium"; readonly id: string; readonly issue: string }
  | { readonly page: "patrols" }
  | { readonly page: "patrol"; readonly id: string }
  | { readonly page: "officers" }
  | { readonly page: "announcements" }
  | { readonly page: "announcement"; readonly id: string }
  /** `id` is "new" for one that is not written yet. */
  | { readonly page: "announcement_writing"; readonly id: string }
  | { readonly page: "announcement_receipts"; readonly id: string }
  | { readonly page: "health" }
  | { readonly page: "health_place"; readonly id: string }
  | { readonly page: "health_mine" }
  /** `of`: one import or webhook. */
  | {
      readonly page: "administration";
      readonly tab: "audit" | "import" | "webhooks" | "tokens" | "people";
      readonly of: string;
    }
  | { readonly page: "inbox" }
  | { readonly page: "notice_settings" }
  | { readonly page: "personal_data" }
  /** `query`: the filters, as they stand in the address. */
  | { readonly page: "requests"; readonly query: string }
  /** `type`: its id or key; `draft`: a request that is none yet; `from`: one whose answers are taken over. */
  | { readonly page: "new_request"; readonly type: string; readonly draft: string; readonly from: string }
  | { readonly page: "request"; readonly id: string; readonly isNew: boolean }
  | { readonly page: "request_board"; readonly query: string }
  | { readonly page: "request_statistics" }
  | { readonly page: "request_types" }
  | { readonly page: "request_type"; readonly id: string }
  | { readonly page: "livestreams" }
  /** `id` is "new" for one that is not planned yet. */
  | { readonly page: "livestream"; readonly id: string }
  | { readonly page: "livestream_numbers"; readonly id: string }
  | { readonly page: "live"; readonly id: string }
  | { readonly page: "live_cancel"; readonly id: string }
  | { readonly page: "unknown" };

/** Ours are abc-defg-hij; operators may name a room on the command line. */
const ROOM_CODE = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** The part of `location` that decides which page is shown. */
export function routeOf(pathname: string, search: string): Route {
  const path = pathname.replace(/\/+$/, "") || "/";
  const query = new URLSearchParams(search);
  switch (path) {
    case "/":
      return { page: "home" };
    case "/home":
      return { page: "today" };
    case "/sign-in":
      return { page: "sign_in", next: localPath(query.get("next")) };
    case "/setup":
      return { page: "setup", token: query.get("token") ?? "" };
    case "/invitation":
      return { page: "invitation", token: query.get("token") ?? "" };
    case "/forgot":
      return { page: "forgot" };
    case "/reset":
      return { page: "reset", token: query.get("token") ?? "" };
    case "/meetings":
      return { page: "meetings" };
    case "/directory":
      return { page: "directory" };
    case "/needs":
      return { page: "needs" };
    case "/needs/plan":
      return { page: "plan" };
    case "/policies":
      return { page: "policies" };
    case "/symposiums":
      return { page: "symposiums" };
    case "/patrols":
      return { page: "patrols" };
    case "/officers":
      return { page: "officers" };
    case "/announcements":
      return { page: "announcements" };
    case "/announcements/new":
      return { page: "announcement_writing", id: "new" };
    case "/health":
      return { page: "health" };
    case "/health/mine":
      return { page: "health_mine" };
    case "/administration":
    case "/administration/audit":
      return { page: "administration", tab: "audit", of: "" };
    case "/administration/import":
      return { page: "administration", tab: "import", of: query.get("of") ?? "" };
    case "/administration/webhooks":
      return { page: "administration", tab: "webhooks", of: query.get("of") ?? "" };
    case "/administration/tokens":
      return { page: "administration", tab: "tokens", of: "" };
    case "/administration/people":
      return { page: "administration", tab: "people", of: "" };
    case "/inbox":
      return { page: "inbox" };
    case "/settings/notices":
      return { page: "notice_settings" };
    case "/settings/personal-data":
      return { page: "personal_data" };
    case "/check":
      return { page: "check" };
    case "/calendar":
      return { page: "calendar" };
    case "/recordings":
      return { page: "recordings" };
    case "/livestreams":
      return { page: "livestreams" };
    case "/shared-recording":
      return { page: "shared_recording" };
    case "/calendar/answer":
      return { page: "calendar_answer", token: query.get("token") ?? "" };
    case "/requests":
      return { page: "requests", query: search };
    case "/requests/new":
      return {
        page: "new_request",
        type: query.get("type") ?? "",
        draft: query.get("draft") ?? "",
        from: query.get("from") ?? "",
      };
    case "/requests/board":
      return { page: "request_board", query: search };
    case "/requests/statistics":
      return { page: "request_statistics" };
    case "/request-types":
      return { page: "request_types" };
    case "/assist":
      return { page: "assistance" };
    case "/assist/instructions":
      return { page: "instructions" };
    default: {
      const scheduled = /^\/calendar\/([0-9a-z]{26})$/.exec(path)?.[1];
      if (scheduled !== undefined) return { page: "scheduled", id: scheduled, at: query.get("at") ?? "" };
      const request = /^\/requests\/([0-9a-z]{26})$/.exec(path)?.[1];
      if (request !== undefined) return { page: "request", id: request, isNew: query.get("filed") === "1" };
      const symposium = /^\/symposiums\/([0-9a-z]{26})$/.exec(path)?.[1];
      if (symposium !== undefined)
        return { page: "symposium", id: symposium, issue: query.get("issue") ?? "" };
      const stage = /^\/live\/([0-9a-z]{26})\/stage$/.exec(path)?.[1];
      if (stage !== undefined) return { page: "live_stage", id: stage };
      const instruction = /^\/assist\/instructions\/([0-9A-Za-z]{3,26})$/.exec(path)?.[1];
      if (instruction !== undefined) return { page: "instruction", id: instruction };
      const room = /^\/m\/([^/]+)$/.exec(path)?.[1]?.toLowerCase();
      if (room !== undefined && ROOM_CODE.test(room)) return { page: "room", code: room };
      const assist = /^\/assist\/([^/]+)$/.exec(path)?.[1]?.toLowerCase();
      if (assist !== undefined && ROOM_CODE.test(assist)) return { page: "assist", code: assist };
      return announcementRoute(path) ?? deskRoute(path) ?? liveRoute(path) ?? { page: "unknown" };
    }
  }
}

function deskRoute(path: string): Route | null {
  const [, kind, id] =
    /^\/(machines|jobs|label|a|recordings|request-types|directory|needs|patrols|policies|health)\/([0-9a-z]{10,26})$/i.exec(
      path,
    ) ?? [];
  if (kind === undefined || id === undefined) return null;
  switch (kind) {
    case "machines":
      return { page: "machine", id };
    case "jobs":
      return { page: "job", id };
    case "recordings":
      return { page: "recording", id };
    case "directory":
      return { page: "organization", id };
    case "needs":
      return { page: "need", id };
    case "patrols":
      return { page: "patrol", id };
    case "health":
      return { page: "health_place", id };
    case "policies":
      return { page: "policy", id };
    case "request-types":
      return { page: "request_type", id };
    case "label":
      return { page: "label", label: id };
    default:
      return { page: "assist_link", token: id };
  }
}

function announcementRoute(path: string): Route | null {
  const [, id, more] = /^\/announcements\/([0-9a-z]{26})(\/edit|\/receipts)?$/.exec(path) ?? [];
  if (id === undefined) return null;
  if (more === "/edit") return { page: "announcement_writing", id };
  return { page: more === "/receipts" ? "announcement_receipts" : "announcement", id };
}

function liveRoute(path: string): Route | null {
  if (path === "/livestreams/new") return { page: "livestream", id: "new" };
  const [, kind, id, more] = /^\/(live|livestreams)\/([0-9a-z]{26})(\/[a-z]+)?$/.exec(path) ?? [];
  if (kind === undefined || id === undefined) return null;
  switch (`${kind}${more ?? ""}`) {
    case "live":
      return { page: "live", id };
    case "live/cancel":
      return { page: "live_cancel", id };
    case "livestreams":
      return { page: "livestream", id };
    case "livestreams/numbers":
      return { page: "livestream_numbers", id };
    default:
      return null;
  }
}

/** Where to go after signing in: a path of this site, never an address of another. */
function localPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : "/home";
}

/** The room code in what somebody typed or pasted: a code, a code without hyphens, or a whole link. */
export function roomCodeIn(text: string): string | null {
  const link = /\/m\/([^/?#\s]+)/i.exec(text)?.[1]?.toLowerCase();
  if (link !== undefined) return ROOM_CODE.test(link) ? link : null;
  const match = /([a-z]{3})-?([a-z]{4})-?([a-z]{3})(?![a-z])/i.exec(text.trim());
  return match ? `${match[1]}-${match[2]}-${match[3]}`.toLowerCase() : null;
}

export interface HistoryPort {
  readonly location: { readonly pathname: string; readonly search: string };
  push(path: string): void;
  replace(path: string): void;
  onPop(listener: () => void): void;
}

export class Router {
  readonly route: Store<Route>;
  #held: { readonly path: string; readonly ask: (leave: () => void) => void } | null = null;

  constructor(private readonly history: HistoryPort) {
    this.route = new Store(this.#read());
    history.onPop(() => {
      const path = this.#path();
      if (this.#held) history.push(this.#held.path); // the address has changed already
      this.#unlessHeld(path, () => this.route.set(this.#read()));
    });
  }

  /** Until the returned function is called, `ask` decides whether this page is left: by calling what it is given. */
  hold(ask: (leave: () => void) => void): () => void {
    const held = { path: this.#path(), ask };
    this.#held = held;
    return () => {
      if (this.#held === held) this.#held = null;
    };
  }

  go(path: string): void {
    this.#unlessHeld(path, () => {
      this.history.push(path);
      this.route.set(this.#read());
    });
  }

  replace(path: string): void {
    this.history.replace(path);
    this.route.set(this.#read());
  }

  #unlessHeld(path: string, leave: () => void): void {
    if (!this.#held) leave();
    else
      this.#held.ask(() => {
        this.#held = null;
        this.go(path);
      });
  }

  #path(): string {
    return this.history.location.pathname + this.history.location.search;
  }

  #read(): Route {
    return routeOf(this.history.location.pathname, this.history.location.search);
  }
}
