import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, type Me } from "../../state/api";
import { useApp, useLocale, useText } from "../context";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { Fault } from "../ui/dialog";
import { Switch } from "../ui/fields";
import { useDirectoryWords } from "./words";

interface AttendancePolicy {
  readonly attendance: boolean;
  readonly since_ms: number;
}

/** Whether this organization's scheduled meetings keep who was there: its members see it, its administrators decide. */
export function AttendanceSwitch({ id, me }: { id: string; me: Me }) {
  const { api } = useApp();
  const text = useText();
  const words = useDirectoryWords().attendance;
  const client = useQueryClient();
  const day = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium" });
  const own = me.memberships.find((one) => one.organization.id === id);
  const decides = own?.roles.includes("administrator") ?? false;
  const path = `/api/organizations/${id}/attendance`;
  const key = ["attendance", id];
  const query = useQuery({
    queryKey: key,
    queryFn: () => api.ask<AttendancePolicy>("GET", path),
    enabled: own !== undefined,
  });
  const change = useMutation({
    mutationFn: (attendance: boolean) => api.ask<AttendancePolicy>("PUT", path, { attendance }),
    onSuccess: (made) => client.setQueryData(key, made),
  });
  const policy = query.data;
  if (!policy) return null;
  const { attendance, since_ms: sinceMs } = policy;
  return (
    <section className={desk.section} data-testid="attendance-policy">
      <div className={desk.sectionHead}>
        <h2>{words.title}</h2>
      </div>
      {decides ? (
        <Switch
          isSelected={change.isPending ? change.variables : attendance}
          onChange={(on) => change.mutate(on)}
          isDisabled={change.isPending}
          note={words.note}
          testId="attendance-switch"
        >
          {words.keep}
        </Switch>
      ) : null}
      <p className={pages.small} data-testid="attendance-state">
        {attendance ? words.since({ day: day.format(sinceMs) }) : words.off}
      </p>
      {change.error ? (
        <Fault>{text.errors[change.error instanceof ApiError ? change.error.code : "internal"]}</Fault>
      ) : null}
    </section>
  );
}
