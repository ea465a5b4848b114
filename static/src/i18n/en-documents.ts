/** Manuals and drawings in a session: on the expert's page and on the phone. */
export const documents = {
  title: "Documents",
  open: "Documents",
  openName: "Documents: manuals and drawings",
  close: "Close",
  emptyTitle: "No documents yet",
  emptyText: "Add a manual or a drawing: a PDF, JPEG or PNG. It stays with the machine.",
  emptyWatching: "Manuals and drawings of this session and its machine are listed here.",
  add: "Add a document",
  remove: ({ title }: { title: string }) => `Remove ${title}`,
  removeTitle: "Remove the document?",
  removeText: ({ title }: { title: string }) =>
    `${title} will be gone for all, and marks that are linked to it lose their page. Add it again to have it back.`,
  removeAction: "Remove",
  notRemoved: ({ title }: { title: string }) =>
    `${title} was not removed. Try again when the line is better.`,
  gone: "This document was removed.",
  sending: ({ name, percent }: { name: string; percent: number }) => `Sending ${name}: ${percent} %`,
  broughtBy: ({ name, size }: { name: string; size: string }) => (name ? `${size}, from ${name}` : size),
  again: "Try again",
  dismiss: "Close this message",
  faults: {
    pdf_too_large: ({ name, size }: { name: string; size: string }) =>
      `${name} was not sent: it has ${size}, and a PDF may have 50 MB at most. Add only the pages that are needed, or save it smaller.`,
    picture_too_large: ({ name, size }: { name: string; size: string }) =>
      `${name} was not sent: it has ${size}, and a picture may have 20 MB at most. Save it smaller and add it again.`,
    wrong_kind: ({ name }: { name: string }) =>
      `${name} was not sent: only PDF, JPEG and PNG can be shown. Save it as one of these and add it again.`,
    bad_file: ({ name }: { name: string }) =>
      `${name} is damaged or not what its name says, and was not kept. Check whether it opens elsewhere.`,
    too_many: ({ name }: { name: string }) =>
      `${name} was not kept: there are as many documents as there may be. Remove some on the page of the machine first.`,
    away: ({ name }: { name: string }) =>
      `${name} did not get through: the line broke off. It can be sent again.`,
    refused: ({ name }: { name: string }) => `${name} was not kept: documents cannot be added here any more.`,
  },
  unreadable: {
    encrypted: "This PDF is protected by a password. Save it without one and add it again.",
    broken:
      "This document is damaged and cannot be shown. Check whether it opens elsewhere, and add it again.",
    away: "The document did not arrive: the line broke off.",
  },
  opening: "Opening the document",
  back: "All documents",
  previous: "Previous page",
  next: "Next page",
  page: ({ page, pages }: { page: number; pages: number }) => `Page ${page} of ${pages}`,
  pageNumber: "Page",
  of: ({ pages }: { pages: number }) => `of ${pages}`,
  zoomIn: "Enlarge",
  zoomOut: "Make smaller",
  fitPage: "Fit the whole page",
  fitWidth: "Fit the width",
  choose: "Choose a part of the page",
  chooseHint: "Drag over the page to choose a part.",
  beside: "Show beside",
  over: "Show over the picture",
  hide: "Hide for all",
  allSee: "All see this page",
  link: "Link to a mark",
  linkedTo: ({ mark }: { mark: string }) => `Linked to ${mark}`,
  linked: ({ title, page }: { title: string; page: number }) =>
    title ? `${title} p. ${page}` : `p. ${page}`,
  shownBy: ({ name }: { name: string }) => `Shown by ${name}`,
  opacity: "Opacity",
  read: "Open to read",
  expertsPage: ({ page }: { page: number }) => `Back to page ${page}`,
};
