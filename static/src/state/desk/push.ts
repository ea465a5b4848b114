import type { Api } from "../api";

/** unsupported: this browser cannot, or the page came without https.  denied: its person said no to it. */
export type PushState = "unsupported" | "denied" | "off" | "on";

/** Pushes to this browser. `scriptOf` makes the service worker's address one that Trusted Types take. */
export class BrowserPush {
  constructor(
    private readonly api: Api,
    private readonly scriptOf: (url: string) => string,
  ) {}

  async state(): Promise<PushState> {
    if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window))
      return "unsupported";
    if (Notification.permission === "denied") return "denied";
    const registration = await navigator.serviceWorker.getRegistration("/");
    return (await registration?.pushManager.getSubscription()) ? "on" : "off";
  }

  /** Asks the person; the state after that. */
  async switchOn(pushKey: string, locale: string): Promise<PushState> {
    if ((await Notification.requestPermission()) !== "granted") return this.state();
    const registration = await navigator.serviceWorker.register(this.scriptOf("/push-worker.js"));
    await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: pushKey,
    });
    const { endpoint, keys } = subscription.toJSON();
    await this.api.ask("POST", "/api/me/push-subscriptions", {
      endpoint,
      p256dh: keys?.["p256dh"],
      auth: keys?.["auth"],
      locale,
    });
    return "on";
  }

  async switchOff(): Promise<PushState> {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const subscription = await registration?.pushManager.getSubscription();
    if (subscription) {
      await this.api.ask("DELETE", "/api/me/push-subscriptions", { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    return this.state();
  }
}
