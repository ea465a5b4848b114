/** The words of a forgotten password: the page that asks for a link, and the ways that lead to it. */
export const recovery = {
  way: "Forgot your password?",
  again: "Ask for a new link",
  title: "Forgot your password?",
  lead: "Write the address that you sign in with. We mail you a link that sets a new password and works for an hour.",
  submit: "Mail me a link",
  sentTitle: "Look at your mail",
  sent: (p: { email: string }) =>
    `If ${p.email} has an account here, a link is on its way to it. Nothing there after a few minutes? Look among the unwanted mail, or ask an administrator.`,
  back: "Back to sign-in",
};
