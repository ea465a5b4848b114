import {
  Building2,
  CalendarDays,
  Clapperboard,
  ClipboardList,
  Handshake,
  HeartPulse,
  House,
  Megaphone,
  MessagesSquare,
  Radio,
  ScanEye,
  ScrollText,
  Settings2,
  ShieldCheck,
  UsersRound,
  Video,
  type LucideIcon,
} from "lucide-react";
import type { rail } from "../../i18n/en-rail";
import type { Me } from "../../state/api";

/** One thing that exists in this installation.  Its name stands in i18n/en-rail.ts and zh-rail.ts, under its id. */
export interface RailEntry {
  readonly id: keyof typeof rail.entries;
  readonly icon: LucideIcon;
  readonly path: string;
  /** Paths of other pages that belong to it; what lies below a path belongs to it as well. */
  readonly also?: readonly string[];
  /** Whether these people have a use for it. */
  readonly shown: (me: Me) => boolean;
}

const everyone = (): boolean => true;
const ofThePark = (me: Me): boolean => me.memberships.some((one) => one.organization.kind === "park");

const administers = (me: Me): boolean => me.memberships.some((one) => one.roles.includes("administrator"));

/** In the order of the rail.  A phone shows the first ones below and the rest in a sheet. */
export const ENTRIES: readonly RailEntry[] = [
  { id: "home", icon: House, path: "/home", shown: everyone },
  { id: "meetings", icon: Video, path: "/meetings", shown: everyone },
  { id: "calendar", icon: CalendarDays, path: "/calendar", shown: everyone },
  { id: "requests", icon: ClipboardList, path: "/requests", also: ["/request-types"], shown: everyone },
  { id: "announcements", icon: Megaphone, path: "/announcements", shown: everyone },
  { id: "livestreams", icon: Radio, path: "/livestreams", shown: everyone },
  { id: "recordings", icon: Clapperboard, path: "/recordings", shown: everyone },
  {
    id: "assistance",
    icon: ScanEye,
    path: "/assist",
    also: ["/machines", "/jobs", "/label"],
    shown: everyone,
  },
  { id: "directory", icon: Building2, path: "/directory", shown: everyone },
  { id: "needs", icon: Handshake, path: "/needs", shown: everyone },
  { id: "policies", icon: ScrollText, path: "/policies", shown: everyone },
  { id: "symposiums", icon: MessagesSquare, path: "/symposiums", shown: everyone },
  { id: "officers", icon: UsersRound, path: "/officers", shown: ofThePark },
  { id: "patrols", icon: ShieldCheck, path: "/patrols", shown: ofThePark },
  { id: "health", icon: HeartPulse, path: "/health", shown: ofThePark },
  { id: "administration", icon: Settings2, path: "/administration", shown: administers },
];

export function entriesOf(me: Me, entries: readonly RailEntry[] = ENTRIES): readonly RailEntry[] {
  return entries.filter((entry) => entry.shown(me));
}

/** The entry that a page belongs to: the one with the longest path that leads to it. */
export function entryAt(path: string, entries: readonly RailEntry[] = ENTRIES): RailEntry | null {
  let found: RailEntry | null = null;
  let length = 0;
  for (const entry of entries)
    for (const root of [entry.path, ...(entry.also ?? [])])
      if ((path === root || path.startsWith(`${root}/`)) && root.length > length) {
        found = entry;
        length = root.length;
      }
  return found;
}

const BAR_PLACES = 5;

/** What a phone's bar shows, and what waits behind "more".  The page that is open is always in the bar. */
export function placesOf(
  entries: readonly RailEntry[],
  current: RailEntry | null,
): { readonly bar: readonly RailEntry[]; readonly sheet: readonly RailEntry[] } {
  if (entries.length <= BAR_PLACES) return { bar: entries, sheet: [] };
  const bar = entries.slice(0, BAR_PLACES - 1);
  if (current && entries.includes(current) && !bar.includes(current)) bar[bar.length - 1] = current;
  return { bar, sheet: entries.filter((entry) => !bar.includes(entry)) };
}
