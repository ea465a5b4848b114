/** Presses a link, as going there would ask whether to leave the meeting. */
export function saveFrom(path: string, name: string): void {
  const link = document.createElement("a");
  link.href = path;
  link.download = name;
  link.click();
}
