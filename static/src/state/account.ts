import { ApiError, type Api, type Me } from "./api";
import { Store } from "./store";

/** unknown: not asked yet.  unreachable: the server did not answer. */
export type AccountState =
  | { readonly kind: "unknown" }
  | { readonly kind: "unreachable" }
  | { readonly kind: "known"; readonly me: Me };

/** Who uses this browser, as the server knows them. */
export class AccountModel {
  readonly state = new Store<AccountState>({ kind: "unknown" });

  constructor(private readonly api: Api) {}

  async load(): Promise<void> {
    try {
      this.know(await this.api.me());
    } catch {
      this.state.set({ kind: "unreachable" });
    }
  }

  know(me: Me): void {
    this.state.set({ kind: "known", me });
  }

  async signOut(everywhere: boolean): Promise<void> {
    try {
      await (everywhere ? this.api.signOutEverywhere() : this.api.signOut());
    } catch (cause) {
      if (!(cause instanceof ApiError) || cause.code !== "unauthenticated") throw cause;
    }
    await this.load();
  }

  get me(): Me | null {
    const state = this.state.get();
    return state.kind === "known" ? state.me : null;
  }
}
