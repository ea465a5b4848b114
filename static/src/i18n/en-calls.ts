/** Calls: the telephone that rings, and the one that calls. */
export const calls = {
  call: "Call now",
  callName: (p: { name: string }) => `Call ${p.name} now`,
  rings: (p: { name: string }) => `${p.name} is calling`,
  about: (p: { about: string }) => `About: ${p.about}`,
  accept: "Accept",
  decline: "Decline",
  see: "See what it is about",
  calling: (p: { name: string }) => `Calling ${p.name}`,
  callingText: "It rings on all their open pages. When they accept, the room opens.",
  hangUp: "Hang up",
  over: {
    accepted: "Accepted on another of your pages",
    declined: (p: { name: string }) => `${p.name} cannot talk now`,
    missed: (p: { name: string }) => `${p.name} did not answer. They see that you called.`,
  },
  busy: "Another call is ringing there right now. Try again in a minute.",
  failed: "The call did not get through.",
  again: "Call again",
  close: "Close",
};
