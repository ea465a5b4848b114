import type { KeptMark } from "./assist/archive";
import { CODES, type AssistRole, type Code, type IceServer, type Phase, type Role } from "../protocol.gen";

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
}

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly kind: "park" | "enterprise" | "institution" | "installer";
}

export interface Membership {
  readonly organization: Organization;
  readonly roles: readonly string[];
}

export interface Me {
  readonly account: Account | null;
  readonly memberships: readonly Membership[];
  readonly csrf: string;
  readonly features: {
    readonly create_meetings: boolean;
    readonly administer_park: boolean;
    readonly password_min_chars: number;
  };
  readonly server_time_ms: number;
  readonly setup_needed: boolean;
}

export interface Meeting {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly host: { readonly id: string; readonly name: string } | null;
  readonly lobby_enabled: boolean;
  readonly guests_allowed: boolean;
  /** End to end; fixed when the meeting is made. */
  readonly encrypted: boolean;
  readonly phase: Phase;
  readonly created_at_ms: number;
  readonly started_at_ms: number;
  readonly ended_at_ms: number;
  /** 0: not in the trash. */
  readonly trashed_at_ms: number;
  readonly people_count: number;
  readonly link: string;
}

export interface MeetingPage {
  readonly meetings: readonly Meeting[];
  readonly more: boolean;
}

export interface RoomInfo {
  readonly code: string;
  readonly title: string;
  readonly phase: Phase;
  readonly lobby_enabled: boolean;
  readonly guests_allowed: boolean;
  readonly encrypted: boolean;
  /** A session of assistance: its page is another. */
  readonly assist?: boolean;
  readonly locked: boolean;
  readonly people: readonly string[];
  readonly people_count: number;
  /** `role` is null when a guest has to sign in first. */
  readonly you: { readonly role: Role | null; readonly name: string; readonly signed_in: boolean };
  /** Who is inside, and when, is kept. */
  readonly attendance?: boolean;
  /** The symposium that is live here, "" = none. */
  readonly symposium_id?: string;
}

/** What an invitation says before it is accepted. */
export interface Invitation {
  readonly email: string;
  readonly name: string;
  readonly organization: string;
  /** The person has an account already and shows its password instead of choosing one. */
  readonly has_account: boolean;
}

/** A session of assistance, as one who has a part in it sees it. */
export interface AssistSession {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly phase: Phase;
  readonly machine: {
    readonly id: string;
    readonly make: string;
    readonly model: string;
    readonly serial: string;
    readonly site: string;
  } | null;
  readonly you: { readonly role: AssistRole; readonly name: string };
}

export interface GuestPass {
  readonly token: string;
  readonly identity: string;
}

export type CheckState = "ok" | "warning" | "fault";

export interface ServerCheck {
  readonly name: string;
  readonly state: CheckState;
  readonly sentence_code: string;
  readonly values: Readonly<Record<string, string | number | boolean>>;
  readonly cure_code: string;
}

export interface DoctorReport {
  readonly checks: readonly ServerCheck[];
  readonly your_address: string;
  readonly server_time_ms: number;
  readonly secure_context_needed: boolean;
  readonly reached_as: string;
  readonly advertised: readonly string[];
  readonly media_port: number;
}

/** A call with oneself through the media server. */
export interface TestCall {
  readonly id: string;
  readonly publish: string;
  readonly view: string;
  readonly ice_servers: readonly IceServer[];
}

/** A refused or failed request.  `code` is one of the closed codes; a server out of reach is `unavailable`. */
export class ApiError extends Error {
  constructor(
    readonly code: Code,
    readonly status: number,
    readonly retryAfterMs: number,
    readonly fields: Readonly<Record<string, string>>,
  ) {
    super(code);
    this.name = "ApiError";
  }
}

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 15_000;
/** Of a photograph on a narrow line. */
const UPLOAD_TIMEOUT_MS = 300_000;
/** What the server works on for a while: it gives up by itself before. */
const WORK_TIMEOUT_MS = 60_000;
const BYTES_TYPE = "application/octet-stream";

/** The HTTP API of docs/api.md, as the page uses it. */
export class Api {
  #csrf = "";

  constructor(private readonly fetch: Fetch) {}

  me = (): Promise<Me> => this.#account("GET", "/api/me");
  setup = (body: {
    token: string;
    name: string;
    email: string;
    password: string;
    organization: string;
  }): Promise<Me> => this.#account("POST", "/api/setup", body);
  signIn = (body: { email: string; password: string }): Promise<Me> =>
    this.#account("POST", "/api/sign-in", body);
  acceptInvitation = (body: { token: string; password: string; name?: string }): Promise<Me> =>
    this.#account("POST", "/api/invitations/accept", body);
  invitation = (token: string): Promise<Invitation> =>
    this.#send("GET", `/api/invitations?${new URLSearchParams({ token }).toString()}`);
  forgotPassword = (email: string): Promise<void> => this.#send("POST", "/api/password-forgotten", { email });
  resetPassword = (body: { token: string; password: string }): Promise<Me> =>
    this.#account("POST", "/api/password-reset", body);
  changeMe = (body: {
    name?: string;
    locale?: string;
    current_password?: string;
    new_password?: string;
  }): Promise<Me> => this.#account("PATCH", "/api/me", body);
  signOut = (): Promise<void> => this.#send("POST", "/api/sign-out", {});
  signOutEverywhere = (): Promise<void> => this.#send("POST", "/api/sign-out-everywhere", {});

  organizations = (): Promise<{ organizations: readonly Organization[] }> =>
    this.#send("GET", "/api/organizations");
  invite = (body: {
    email: string;
    name: string;
    organization_id: string;
    roles: readonly string[];
  }): Promise<{ link: string }> => this.#send("POST", "/api/invitations", body);

  meetings = (query: { state: string; before: string; limit: number }): Promise<MeetingPage> =>
    this.#send(
      "GET",
      `/api/meetings?${new URLSearchParams({ ...(query.state ? { state: query.state } : {}), ...(query.before ? { before: query.before } : {}), limit: String(query.limit) }).toString()}`,
    );
  createMeeting = (body: {
    title: string;
    lobby_enabled?: boolean;
    guests_allowed?: boolean;
    encrypted?: boolean;
  }): Promise<Meeting> => this.#send("POST", "/api/meetings", body);
  changeMeeting = (
    id: string,
    body: { title?: string; lobby_enabled?: boolean; guests_allowed?: boolean },
  ): Promise<Meeting> => this.#send("PATCH", `/api/meetings/${encodeURIComponent(id)}`, body);
  trashMeeting = (id: string): Promise<unknown> =>
    this.#send("DELETE", `/api/meetings/${encodeURIComponent(id)}`);
  restoreMeeting = (id: string): Promise<unknown> =>
    this.#send("POST", `/api/meetings/${encodeURIComponent(id)}/restore`, {});

  room = (code: string): Promise<RoomInfo> => this.#send("GET", `/api/rooms/${encodeURIComponent(code)}`);
  becomeGuest = (code: string, name: string): Promise<GuestPass> =>
    this.#send("POST", `/api/rooms/${encodeURIComponent(code)}/guests`, { name });
  doctor = (): Promise<DoctorReport> => this.#send("GET", "/api/doctor");
  openTestCall = (body: { publish: string; view: string }): Promise<TestCall> =>
    this.#send("POST", "/api/doctor/calls", body);
  endTestCall = (id: string): Promise<void> => this.#send("POST", "/api/doctor/calls/end", { id });
  /** Reads a megabyte; `onBytes` is told of each piece as it comes. */
  download = async (onBytes: (bytes: number) => void, signal: AbortSignal): Promise<void> => {
    const response = await this.fetch("/api/doctor/download", { cache: "no-store", signal });
    if (!response.ok || !response.body) throw problem(response.status, null);
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes(value.byteLength);
    }
  };

  /** For the pages that know their own endpoints, so that nobody else loads them. */
  ask = <T>(method: string, path: string, body?: object, bearer = ""): Promise<T> =>
    this.#send<T>(method, path, body, bearer);
  /** As `ask`, for what takes the server more than a moment. */
  askPatiently = <T>(method: string, path: string, bearer = ""): Promise<T> =>
    this.#send<T>(method, path, undefined, bearer, (url, init) =>
      this.fetch(url, { ...init, signal: AbortSignal.timeout(WORK_TIMEOUT_MS) }),
    );
  /** A file, or a part of it: from byte `begin` to before `end`. The bearer of an opened link reads it by that. */
  file = async (
    path: string,
    bearer: string,
    part?: { readonly begin: number; readonly end: number },
  ): Promise<Blob> => {
    const response = await this.fetch(path, {
      credentials: "same-origin",
      headers: {
        ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
        ...(part ? { Range: `bytes=${part.begin}-${part.end - 1}` } : {}),
      },
      signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
    }).catch(() => null);
    if (!response) throw new ApiError("unavailable", 0, 0, {});
    if (!response.ok) throw problem(response.status, await response.json().catch(() => null));
    const content = await response.blob();
    return part && response.status !== 206 ? content.slice(part.begin, part.end) : content;
  };

  /** The session of a room of assistance, for an account or the bearer of an opened link. */
  assistRoom = (code: string, bearer: string): Promise<AssistSession> =>
    this.#send("GET", `/api/assist/rooms/${encodeURIComponent(code)}`, undefined, bearer);
  keptMarks = (sessionId: string, bearer: string): Promise<{ marks: readonly KeptMark[] }> =>
    this.#send("GET", `/api/assist/sessions/${sessionId}/marks`, undefined, bearer);
  keptKeyframe = async (keyframeId: string, bearer: string): Promise<Uint8Array> => {
    const content = await this.file(`/api/assist/keyframes/${encodeURIComponent(keyframeId)}/file`, bearer);
    return new Uint8Array(await content.arrayBuffer());
  };
  /** Bytes under an id made here: sending them twice is sending them once. `by` may tell how far they are. */
  put = <T = unknown>(path: string, body: Blob | object, bearer: string, by = this.fetch): Promise<T> =>
    this.#send<T>("PUT", path, body, bearer, by);

  async #account(method: string, path: string, body?: object): Promise<Me> {
    const me = await this.#send<Me>(method, path, body);
    this.#csrf = me.csrf;
    return me;
  }

  async #send<T>(method: string, path: string, body?: object, bearer = "", by = this.fetch): Promise<T> {
    const shown = this.#csrf;
    try {
      return await this.#once<T>(method, path, body, bearer, by);
    } catch (cause) {
      const stale = cause instanceof ApiError && cause.status === 403 && method !== "GET";
      if (!stale) throw cause;
      // Signed in or out in another tab: the token belongs to the cookie, and that is a new one.
      const { csrf } = await this.#once<Me>("GET", "/api/me");
      this.#csrf = csrf;
      if (csrf === shown) throw cause;
      return this.#once<T>(method, path, body, bearer, by);
    }
  }

  async #once<T>(method: string, path: string, body?: object, bearer = "", by = this.fetch): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const isBytes = body instanceof Blob;
    if (body) headers["Content-Type"] = isBytes ? body.type || BYTES_TYPE : "application/json";
    if (bearer) headers["Authorization"] = `Bearer ${bearer}`;
    if (method !== "GET" && this.#csrf) headers["X-CSRF-Token"] = this.#csrf;
    let response: Response;
    try {
      response = await by(path, {
        method,
        headers,
        credentials: "same-origin",
        signal: AbortSignal.timeout(isBytes ? UPLOAD_TIMEOUT_MS : TIMEOUT_MS),
        ...(body ? { body: isBytes ? body : JSON.stringify(body) } : {}),
      });
    } catch {
      throw new ApiError("unavailable", 0, 0, {});
    }
    if (response.status === 204) return undefined as T;
    const content: unknown = await response.json().catch(() => null);
    if (response.ok && content !== null) return content as T;
    throw problem(response.status, content);
  }
}

function problem(status: number, content: unknown): ApiError {
  const body = typeof content === "object" && content !== null ? (content as Record<string, unknown>) : {};
  const given = CODES.find((known) => known === body["code"]);
  const code: Code = given ?? (status === 404 ? "not_found" : status >= 502 ? "unavailable" : "internal");
  const fields: Record<string, string> = {};
  if (typeof body["fields"] === "object" && body["fields"] !== null)
    for (const [name, reason] of Object.entries(body["fields"])) fields[name] = String(reason);
  const retry = body["retry_after_ms"];
  return new ApiError(code, status, typeof retry === "number" ? retry : 0, fields);
}
