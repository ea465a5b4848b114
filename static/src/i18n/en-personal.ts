import { pluralizer } from "./plural";

const plural = pluralizer("en");

/** One's own data, taken along and erased; loaded with its pages. */
export const personal = {
  title: "Your data",
  open: "Open",
  of: (p: { name: string }) => `Data of ${p.name}`,
  organization: "Organization",
  people: "People",
  noPeople: "Nobody is in this organization",
  choose: "Choose a person to export or erase their data.",
  chooseOther: "Choose another person",
  password: "Your password",
  passwordWrong: "The password is not right.",
  noPassword:
    "You sign in without a password, so there is nothing to confirm with. Ask an administrator of the park.",
  export: {
    title: "Take the data along",
    lead: "A ZIP file with everything about the person, one JSON file for each area, and the files that they uploaded (up to 200 MB). It is kept for seven days.",
    ask: "Make the archive",
    waiting: "Being made",
    progress: (p: { done: number; total: number }) => `${p.done} of ${p.total}`,
    download: "Download",
    until: (p: { when: string }) => `Until ${p.when}`,
    leftOut: (p: { count: number }) =>
      `${plural(p.count, { one: "# file", other: "# files" })} did not fit or could not be read`,
    failed: "Could not be made. Please try again.",
    gone: "Expired",
    made: (p: { when: string }) => `Asked for on ${p.when}`,
  },
  erase: {
    title: "Erase the account",
    lead: "After 14 days, in which it can be undone, the account is closed for good and personal data is deleted.",
    deleted: "Deleted",
    deletedWhat:
      "Sign-ins and tokens, memberships, drafts, notices, calendar settings and invitations, health declarations, what the person wrote in chats, and films of private meetings.",
    anonymised: "Kept under a pseudonym",
    anonymisedWhat:
      "Requests that were filed and decided, jobs, attendance, calls, answers in inspections: the other party or the law needs them.",
    kept: "Kept as it is",
    keptWhat:
      "Signed reports, because their seal covers every byte, and the audit log until its time is over; its readers see the pseudonym.",
    obstacles: "First hand over:",
    requests: (p: { count: number }) =>
      `${plural(p.count, { one: "# open request", other: "# open requests" })} to others`,
    companies: (p: { count: number }) =>
      `${plural(p.count, { one: "# company", other: "# companies" })} to other service officers`,
    administrator: "Nobody else administers the park: make somebody an administrator.",
    ask: "Erase the account",
    confirm: (p: { name: string }) => `Erase the account of ${p.name}?`,
    confirmText: "It can be undone for 14 days. After that nobody can bring it back.",
    planned: (p: { when: string }) => `Will be erased on ${p.when}`,
    undo: "Do not erase",
    byAdministrator: "An administrator asked for this; only an administrator can undo it.",
    running: (p: { done: number; total: number }) => `Being erased: ${p.done} of ${p.total}`,
    refused: "It was not erased: nobody else administers the park.",
  },
};
