/** The name is in the page's policy (collab/edge/guard.py). */
const POLICY = "tongxin";

interface Policy {
  createScriptURL(url: string): URL;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): Policy;
}

let policy: Policy | null = null;

/**
 * A worker of ours, by the address that the build gave it. Under Trusted Types nothing else becomes a script, whatever
 * it says.
 */
export function workerOf(url: string): Worker {
  return new Worker(scriptUrl(url), { type: "module" });
}

/** The same address as one that this browser takes for a script; to it that is another type, to us it is not. */
export function scriptUrl(url: string): string {
  const types = (window as unknown as { trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy(POLICY, { createScriptURL: ours }) ?? null;
  return policy ? (policy.createScriptURL(url) as unknown as string) : url;
}

function ours(url: string): string {
  const { origin, href } = new URL(url, window.location.href);
  if (origin !== window.location.origin) throw new TypeError("not a script of this site");
  return href;
}
