import type { Api } from "./api";
import { query } from "./directory";

export const EVENTS = [
  "request.filed",
  "request.decided",
  "job.signed_off",
  "recording.ready",
  "organization.added",
  "member.joined",
] as const;

export interface Webhook {
  readonly id: string;
  readonly organization_id: string;
  readonly organization_name: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly state: "active" | "paused" | "failing" | "gone";
  readonly failing_since_ms: number;
}

export interface WebhookWish {
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
}

export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly state: "waiting" | "sent" | "failed";
  readonly tries: number;
  readonly due_at_ms: number;
  readonly created_at_ms: number;
  readonly status: number;
  readonly fault: string;
  readonly took_ms: number;
  readonly body: string;
}

const PAGE = 20;

export class Webhooks {
  constructor(private readonly api: Pick<Api, "ask">) {}

  list = (): Promise<{ readonly webhooks: readonly Webhook[] }> => this.api.ask("GET", "/api/webhooks");
  get = (id: string): Promise<Webhook> => this.api.ask("GET", `/api/webhooks/${id}`);
  make = (
    wish: WebhookWish,
    organization_id: string,
  ): Promise<{ readonly secret: string; readonly webhook: Webhook }> =>
    this.api.ask("POST", "/api/webhooks", { ...wish, organization_id });
  change = (id: string, wish: WebhookWish, active: boolean): Promise<Webhook> =>
    this.api.ask("PUT", `/api/webhooks/${id}`, { ...wish, active });
  remove = (id: string): Promise<void> => this.api.ask("DELETE", `/api/webhooks/${id}`);
  rotate = (id: string): Promise<{ readonly secret: string }> =>
    this.api.ask("POST", `/api/webhooks/${id}/secret`);
  test = (id: string): Promise<void> => this.api.ask("POST", `/api/webhooks/${id}/test`);
  deliveries = (
    id: string,
    before: string,
  ): Promise<{ readonly deliveries: readonly Delivery[]; readonly more: boolean }> =>
    this.api.ask("GET", `/api/webhooks/${id}/deliveries?${query({ before, limit: PAGE })}`);
  again = (id: string, delivery: string): Promise<void> =>
    this.api.ask("POST", `/api/webhooks/${id}/deliveries/${delivery}`);
}
