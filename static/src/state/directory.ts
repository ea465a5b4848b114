import type { Api } from "./api";

export const TRADES = [
  "mechanical",
  "electrical",
  "control",
  "robotics",
  "cnc",
  "laser",
  "welding",
  "hydraulics",
  "piping",
  "rigging",
  "cleanroom",
  "commissioning",
] as const;
export const LANGUAGES = ["zh", "en", "de", "ja", "ko", "it", "fr", "ru"] as const;
export const INDUSTRIES = [
  "laser",
  "robotics",
  "vehicles",
  "biotech",
  "chips",
  "optics",
  "software",
  "materials",
  "medical",
  "machinery",
  "finance",
  "services",
  "research",
  "other",
] as const;
export const HEADCOUNTS = ["micro", "small", "medium", "large"] as const;
export const CONTACT_ROLES = ["general", "technical", "logistics", "safety", "finance", "personnel"] as const;
export const CREW_STATES = ["available", "limited", "working", "off"] as const;
export const KINDS = ["enterprise", "institution", "installer", "park"] as const;

export type Trade = (typeof TRADES)[number];
export type Language = (typeof LANGUAGES)[number];
export type Industry = (typeof INDUSTRIES)[number];
export type Headcount = (typeof HEADCOUNTS)[number];
export type ContactRole = (typeof CONTACT_ROLES)[number];
export type CrewStatus = (typeof CREW_STATES)[number];
export type Kind = (typeof KINDS)[number];

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface OrganizationLine {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly industry: Industry | null;
  readonly region: string;
  readonly headcount: Headcount | null;
  readonly summary_zh: string;
  readonly summary_en: string;
  readonly logo: string;
  readonly trades: readonly Trade[];
  readonly crews: number;
  readonly available: number;
}

export interface Contact {
  readonly role: ContactRole;
  readonly name: string;
  readonly account_id: string;
  readonly phone: string;
  readonly email: string;
  readonly public: boolean;
}

export interface Certificate {
  readonly id: string;
  readonly trade: Trade;
  readonly title: string;
  readonly number: string;
  readonly issuer: string;
  /** Days, as 2026-12-31; both included. */
  readonly valid_from: string;
  readonly valid_until: string;
  readonly file: string;
  readonly file_name: string;
}

export interface Busy {
  /** "": not to be taken back here. */
  readonly id: string;
  readonly starts_on: string;
  readonly ends_on: string;
  readonly note: string;
  readonly job_id: string;
}

export interface Crew {
  readonly id: string;
  readonly organization: Named;
  readonly name: string;
  readonly size: number;
  readonly region: string;
  readonly trades: readonly Trade[];
  readonly goes_to: readonly string[];
  readonly languages: readonly Language[];
  readonly status: CrewStatus;
  readonly status_note: string;
  readonly past_jobs: number;
  readonly busy: readonly Busy[];
}

export interface OrganizationPage {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly revision: number;
  readonly summary_zh: string;
  readonly summary_en: string;
  readonly industry: Industry | null;
  readonly headcount: Headcount | null;
  readonly region: string;
  readonly address: string;
  readonly website: string;
  /** A day, as 2026-12-31. */
  readonly founded_on: string | null;
  readonly logo: string;
  readonly contacts: readonly Contact[];
  readonly officer: (Named & { readonly cover: Named | null }) | null;
  readonly certificates: readonly Certificate[];
  readonly crews: readonly Crew[];
  readonly within: boolean;
  readonly may_edit: boolean;
  readonly today: string;
}

export type Rule =
  "certificate" | "trade" | "dates" | "people" | "distance" | "language" | "load" | "past_jobs" | "status";

export interface Reason {
  readonly rule: Rule;
  readonly good: boolean;
  readonly trade: Trade | null;
  readonly language: Language | null;
  readonly status: CrewStatus | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly number: number | null;
}

export interface Candidate {
  readonly crew: Crew;
  readonly fits: boolean;
  readonly score: number;
  readonly reasons: readonly Reason[];
}

export type NeedState = "draft" | "open" | "matched" | "closed";
export type NeedAction = "publish" | "close" | "reopen";
export type OfferState = "invited" | "offered" | "declined" | "accepted" | "lapsed";
export type OfferAction = "offer" | "decline" | "withdraw" | "accept";

export interface Need {
  readonly id: string;
  readonly organization: Named;
  readonly machine: Named | null;
  readonly title: string;
  readonly region: string;
  readonly site: string;
  readonly trades: readonly Trade[];
  readonly languages: readonly Language[];
  readonly starts_on: string;
  readonly ends_on: string;
  readonly crew_size: number;
  readonly state: NeedState;
  readonly job_id: string;
  readonly asked: number;
  readonly offered: number;
}

export interface Offer {
  readonly id: string;
  readonly crew: Named;
  readonly installer: Named;
  readonly state: OfferState;
  readonly note: string;
  readonly actions: readonly OfferAction[];
  readonly changed_at_ms: number;
}

export interface NeedEvent {
  readonly number: number;
  readonly action: NeedAction | OfferAction | "create" | "change" | "invite";
  readonly crew: string;
  readonly name: string;
  readonly note: string;
  readonly at_ms: number;
}

export interface NeedCard {
  readonly need: Need;
  readonly note: string;
  readonly revision: number;
  readonly job_called_off: boolean;
  readonly within: boolean;
  readonly actions: readonly NeedAction[];
  readonly offers: readonly Offer[];
  readonly events: readonly NeedEvent[];
}

export interface NeedWish {
  readonly title: string;
  readonly machine_id: string | null;
  readonly note: string;
  readonly region: string;
  readonly site: string;
  readonly trades: readonly string[];
  readonly languages: readonly string[];
  readonly starts_on: string;
  readonly ends_on: string;
  readonly crew_size: number;
}

export interface Plan {
  readonly pairs: readonly {
    readonly need: Need;
    readonly crew: Named;
    readonly installer: Named;
    readonly score: number;
  }[];
  readonly left: readonly {
    readonly need: Need;
    readonly why: "no_crews" | "none_fits" | "taken";
    readonly rules: readonly Rule[];
    readonly crews: readonly Named[];
  }[];
}

export interface OrganizationsAsked {
  readonly search: string;
  readonly kind: string;
  readonly industry: string;
  readonly region: string;
  readonly trade: string;
  readonly after: string;
}

export const PAGE_SIZE = 30;

/** Organizations, installers and needs, as docs/api.md has them. */
export class Directory {
  constructor(private readonly api: Pick<Api, "ask" | "put">) {}

  organizations(asked: OrganizationsAsked): Promise<{
    readonly organizations: readonly OrganizationLine[];
    readonly more: boolean;
  }> {
    return this.api.ask("GET", `/api/directory/organizations?${query({ ...asked, limit: PAGE_SIZE })}`);
  }
  organization = (id: string): Promise<OrganizationPage> => this.api.ask("GET", organizationPath(id));
  write = (id: string, body: object): Promise<OrganizationPage> =>
    this.api.ask("PUT", organizationPath(id), body);
  setLogo = (id: string, file: Blob): Promise<OrganizationPage> =>
    this.api.put(`${organizationPath(id)}/logo`, file, "");
  removeLogo = (id: string): Promise<void> => this.api.ask("DELETE", `${organizationPath(id)}/logo`);
  addCertificate = (id: string, body: object): Promise<Certificate> =>
    this.api.ask("POST", `${organizationPath(id)}/certificates`, body);
  changeCertificate = (id: string, body: object): Promise<Certificate> =>
    this.api.ask("PATCH", `/api/directory/certificates/${id}`, body);
  removeCertificate = (id: string): Promise<void> =>
    this.api.ask("DELETE", `/api/directory/certificates/${id}`);
  bringCertificate = (id: string, file: File): Promise<Certificate> =>
    this.api.put(`/api/directory/certificates/${id}/file?${query({ name: file.name })}`, file, "");
  addCrew = (id: string, body: object): Promise<Crew> =>
    this.api.ask("POST", `${organizationPath(id)}/crews`, body);
  changeCrew = (id: string, body: object): Promise<Crew> =>
    this.api.ask("PATCH", `/api/directory/crews/${id}`, body);
  retireCrew = (id: string): Promise<void> => this.api.ask("DELETE", `/api/directory/crews/${id}`);
  addBusy = (id: string, body: object): Promise<Crew> =>
    this.api.ask("POST", `/api/directory/crews/${id}/busy`, body);
  removeBusy = (id: string, busyId: string): Promise<Crew> =>
    this.api.ask("DELETE", `/api/directory/crews/${id}/busy/${busyId}`);

  needs = (
    state: string,
    before: string,
  ): Promise<{ readonly needs: readonly Need[]; readonly more: boolean }> =>
    this.api.ask("GET", `/api/directory/needs?${query({ state, before, limit: PAGE_SIZE })}`);
  need = (id: string): Promise<NeedCard> => this.api.ask("GET", `/api/directory/needs/${id}`);
  post = (wish: NeedWish): Promise<NeedCard> => this.api.ask("POST", "/api/directory/needs", wish);
  change = (id: string, revision: number, wish: NeedWish): Promise<NeedCard> =>
    this.api.ask("PATCH", `/api/directory/needs/${id}`, { revision, ...wish });
  move = (id: string, action: NeedAction): Promise<NeedCard> =>
    this.api.ask("POST", `/api/directory/needs/${id}/moves`, { action });
  candidates = (id: string): Promise<{ readonly candidates: readonly Candidate[] }> =>
    this.api.ask("GET", `/api/directory/needs/${id}/candidates`);
  invite = (id: string, crewIds: readonly string[], note = ""): Promise<NeedCard> =>
    this.api.ask("POST", `/api/directory/needs/${id}/invitations`, { crew_ids: crewIds, note });
  moveOffer = (id: string, offerId: string, action: OfferAction, note: string): Promise<NeedCard> =>
    this.api.ask("POST", `/api/directory/needs/${id}/offers/${offerId}/moves`, { action, note });
  plan = (): Promise<Plan> => this.api.ask("POST", "/api/directory/needs/plan", {});
}

const organizationPath = (id: string): string => `/api/directory/organizations/${encodeURIComponent(id)}`;

/** Empty values are not asked for. */
export function query(values: Readonly<Record<string, string | number>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

/** For each of `count` days from `today` on, whether it is taken. */
export function takenDays(
  busy: readonly Pick<Busy, "starts_on" | "ends_on">[],
  today: string,
  count: number,
): readonly { readonly day: string; readonly taken: boolean }[] {
  const first = Date.parse(today);
  return Array.from({ length: count }, (_, place) => {
    const day = new Date(first + place * 86_400_000).toISOString().slice(0, 10);
    return { day, taken: busy.some((one) => one.starts_on <= day && day <= one.ends_on) };
  });
}

const SOON_DAYS = 60;

/** Of a certificate, on a day. */
export function validity(until: string, today: string): "valid" | "soon" | "over" {
  const left = (Date.parse(until) - Date.parse(today)) / 86_400_000;
  return left < 0 ? "over" : left <= SOON_DAYS ? "soon" : "valid";
}
