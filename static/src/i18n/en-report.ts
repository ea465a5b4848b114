/** Reports of a session. In its own file: only the pages of assistance load it. */
export const report = {
  title: "Reports",
  empty: "No report yet",
  emptyText: "A report holds what there is now: steps, values, photos with their marks, signatures.",
  emptyWatching: "Whoever is on site or guides can make one; it appears here.",
  make: "Make a report",
  again: "Make a new report",
  language: "Language of the report",
  languages: { zh: "Chinese", en: "English" },
  making: "The report is being made. It takes a few seconds.",
  of: (p: { name: string; when: string }) => `${p.name}, ${p.when}`,
  pdf: "PDF",
  html: "HTML",
  save: (p: { number: string; kind: string }) => `Save ${p.number} as ${p.kind}`,
  seal: "Seal",
  chain: "End of its chain",
  verify:
    "Every picture and value is chained to the one before. On the server, “tongxin verify-report FILE” says whether a file was changed; an unchanged one ends in this value.",
  failed: "The reports could not be loaded",
  notMade: "The report was not made",
  tooMany: "This session has as many reports as it may have.",
} as const;
