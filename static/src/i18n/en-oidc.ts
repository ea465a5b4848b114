export const oidc = {
  signIn: (p: { name: string }) => `Sign in with ${p.name}`,
  link: (p: { name: string }) => `Link your account with ${p.name}`,
  linkText: (p: { account: string; name: string }) =>
    `You are signed in as ${p.account}. Once it is linked, ${p.name} signs you in to this account.`,
  linked: (p: { account: string; name: string }) => `${p.name} signs you in to this account, ${p.account}.`,
  unlink: "Take the link off",
  noPassword:
    "This account has no password: without the link nobody could enter it. Ask an administrator for a link to set one.",
  shared: "On a computer that others use too:",
  leave: (p: { name: string }) => `sign out of ${p.name} as well`,
  away: "The sign-in service cannot be reached. Try again in a minute, or sign in with your password.",
  faults: {
    expired:
      "The sign-in took too long, or was begun in another browser or tab. Begin again here; cookies must be allowed.",
    declined: "The sign-in service did not let you through, or you cancelled. Try again, or ask who runs it.",
    provider_away:
      "The sign-in service does not answer. Try again in a minute, or sign in with your password.",
    provider_refused:
      "The answer of the sign-in service could not be trusted. Try again; if it happens again, tell an administrator the time.",
    mail_unverified:
      "The sign-in service has not verified your email address. Verify it there, then sign in again.",
    no_account: "There is no account here for you, or it is shut. Ask an administrator for an invitation.",
    account_exists:
      "An account with your email address exists already. Sign in with its password, open its settings, and link the two.",
    linked_elsewhere:
      "The account, or your identity at the sign-in service, is linked already with another one. Ask an administrator.",
    busy: "The server is busy. Try again in a minute.",
  },
};
