import type { Me } from "../../state/api";

/** The organizations that this person administers. */
export function administers(me: Me): readonly { id: string; label: string }[] {
  return me.memberships
    .filter((membership) => membership.roles.includes("administrator"))
    .map(({ organization }) => ({ id: organization.id, label: organization.name }));
}
