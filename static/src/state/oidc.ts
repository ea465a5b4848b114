import type { Api } from "./api";

/** Why somebody comes back from the sign-in provider without being signed in (collab/oidc/models.py). */
export const OIDC_FAULTS = [
  "expired",
  "declined",
  "provider_away",
  "provider_refused",
  "mail_unverified",
  "no_account",
  "account_exists",
  "linked_elsewhere",
  "busy",
] as const;
export type OidcFault = (typeof OIDC_FAULTS)[number];

export interface OidcProvider {
  /** "": there is none. */
  readonly name: string;
  /** Where the provider's own session ends; "": nowhere that is known. */
  readonly sign_out_url: string;
  /** The account that is signed in has an identity there. */
  readonly linked: boolean;
}

/** Signing in by an OpenID provider. */
export class Oidc {
  constructor(private readonly api: Pick<Api, "ask">) {}

  provider = (): Promise<OidcProvider> => this.api.ask<OidcProvider>("GET", "/api/oidc");

  unlink = (): Promise<void> => this.api.ask("DELETE", "/api/oidc/identity");

  /** The provider's address, where the browser goes. */
  begin = async (next: string, link: boolean): Promise<string> =>
    (await this.api.ask<{ url: string }>("POST", "/api/oidc/begin", { next, link })).url;
}

/** What the address of the sign-in page says; a word of a newer server is the most general one. */
export function refusedIn(search: string): OidcFault | null {
  const said = new URLSearchParams(search).get("refused");
  if (said === null) return null;
  return OIDC_FAULTS.find((known) => known === said) ?? "provider_refused";
}
