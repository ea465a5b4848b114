/** What to send to whoever is to come. */
export function roomLink(code: string): string {
  return `${window.location.origin}/m/${code}`;
}
