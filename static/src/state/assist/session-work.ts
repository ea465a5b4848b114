import type { Api } from "../api";
import type { ChecklistPort } from "./checklist";

/** The endpoints of one session's work, for an account or the bearer of an opened link. */
export function sessionWork(api: Api, sessionId: string, bearer: string): ChecklistPort {
  const base = `/api/assist/sessions/${encodeURIComponent(sessionId)}`;
  const run = (runId: string): string => `${base}/runs/${encodeURIComponent(runId)}`;
  return {
    runs: () => api.ask("GET", `${base}/runs`, undefined, bearer),
    begin: (runId, body) => api.ask("PUT", run(runId), body, bearer),
    answer: (runId, stepId, answer) =>
      api.ask("PUT", `${run(runId)}/answers/${encodeURIComponent(stepId)}`, { answer }, bearer),
    sign: async (body) =>
      (await api.ask<Awaited<ReturnType<ChecklistPort["runs"]>>>("PUT", `${base}/signature`, body, bearer))
        .signatures,
    templates: async () =>
      (
        await api.ask<{ templates: Awaited<ReturnType<ChecklistPort["templates"]>> }>(
          "GET",
          "/api/assist/templates",
        )
      ).templates,
  };
}
