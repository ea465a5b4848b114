/** On the viewer's clock, to the second: 09:05:07. */
export function timeOf(ms: number): string {
  return new Date(ms).toLocaleTimeString("sv", { hour12: false });
}
