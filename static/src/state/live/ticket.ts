import type { Api } from "../api";

/** What joining the stage's room needs; `token` "": the sign-in of this browser. */
export interface StageTicket {
  readonly code: string;
  readonly token: string;
}

/** For hosts, moderators and presenters by their sign-in; for a viewer who was invited up by the token of their page. */
export function stageTicket(
  api: Pick<Api, "ask">,
  livestreamId: string,
  viewerToken = "",
): Promise<StageTicket> {
  return api.ask("POST", `/api/livestreams/${encodeURIComponent(livestreamId)}/stage-ticket`, {
    token: viewerToken,
  });
}
