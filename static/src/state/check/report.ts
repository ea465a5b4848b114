import type { Checkup } from "./checkup";

/** A checkup as data, for a file: figures and codes in the field's terms, whatever the language of the page. */
export interface CheckReport {
  readonly at: string;
  readonly page: string;
  readonly browser: string;
  readonly verdict: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly your_address: string;
  readonly advertised: readonly string[];
  readonly reached_as: string;
  readonly media_port: number;
  readonly web_socket: boolean | null;
  readonly download_kbits: number | null;
  readonly ways: readonly {
    readonly way: string;
    readonly state: string;
    readonly connect_ms: number | null;
    readonly round_trip_ms: number | null;
    readonly loss_percent: number | null;
    readonly jitter_ms: number | null;
    readonly up_kbits: number | null;
    readonly down_kbits: number | null;
  }[];
  readonly findings: readonly { readonly name: string; readonly state: string; readonly sentence: string }[];
  readonly video_codecs: readonly string[];
  readonly screen_share: boolean | null;
  readonly end_to_end_encryption: boolean | null;
  readonly camera: string | null;
  readonly microphone: string | null;
}

export function reportOf(
  checkup: Checkup,
  place: { readonly page: string; readonly browser: string },
  withAddresses: boolean,
): CheckReport {
  const shown = (address: string): string => (withAddresses ? address : masked(address));
  const { server, abilities, conclusion } = checkup;
  const values = Object.entries(conclusion?.values ?? {}).map(
    ([name, value]) =>
      [name, typeof value === "string" ? value.split(", ").map(shown).join(", ") : value] as const,
  );
  return {
    at: new Date(checkup.endedAtMs).toISOString(),
    page: withAddresses
      ? place.page
      : place.page.replace(/\/\/[^/:]+|\/\/\[[^\]]+\]/, (host) => `//${masked(host.slice(2))}`),
    browser: place.browser,
    verdict: conclusion?.verdict ?? "",
    values: Object.fromEntries(values),
    your_address: shown(server?.your_address ?? ""),
    advertised: (server?.advertised ?? []).map(shown),
    reached_as: shown(server?.reached_as ?? ""),
    media_port: server?.media_port ?? 0,
    web_socket: checkup.socket,
    download_kbits: rounded(checkup.downloadKbits),
    ways: checkup.ways.map((result) => ({
      way: result.way,
      state: result.state,
      connect_ms: rounded(result.connectMs),
      round_trip_ms: rounded(result.roundTripMs),
      loss_percent: result.lossPercent === null ? null : Math.round(result.lossPercent * 10) / 10,
      jitter_ms: rounded(result.jitterMs),
      up_kbits: rounded(result.upKbits),
      down_kbits: rounded(result.downKbits),
    })),
    findings: checkup.findings.map(({ name, state, sentence }) => ({ name, state, sentence })),
    video_codecs: abilities?.videoCodecs ?? [],
    screen_share: abilities?.screenShare ?? null,
    end_to_end_encryption: abilities?.encryption ?? null,
    camera: abilities?.camera ?? null,
    microphone: abilities?.microphone ?? null,
  };
}

/** The report for a mail or a chat: one line a fact.  `summary` is the verdict in the reader's language. */
export function reportText(report: CheckReport, summary: readonly string[]): string {
  const figures = (names: readonly (readonly [string, number | null, string])[]): string =>
    names.flatMap(([name, value, unit]) => (value === null ? [] : [`${name} ${value} ${unit}`])).join(", ");
  const lines = [
    ...summary,
    "",
    `at: ${report.at}`,
    `page: ${report.page}`,
    `browser: ${report.browser}`,
    `verdict: ${report.verdict}`,
    `your address: ${report.your_address}`,
    `server reached as: ${report.reached_as}`,
    `media addresses: ${report.advertised.join(", ")} port ${report.media_port}`,
    `web socket: ${report.web_socket === null ? "not tried" : report.web_socket ? "opens" : "does not open"}`,
    ...report.ways.map((way) => {
      const measured = figures([
        ["connected in", way.connect_ms, "ms"],
        ["round trip", way.round_trip_ms, "ms"],
        ["loss", way.loss_percent, "%"],
        ["jitter", way.jitter_ms, "ms"],
        ["up", way.up_kbits, "kbit/s"],
        ["back", way.down_kbits, "kbit/s"],
      ]);
      return `${way.way}: ${way.state}${measured ? ` (${measured})` : ""}`;
    }),
    `download: ${report.download_kbits === null ? "-" : `${report.download_kbits} kbit/s`}`,
    `video codecs: ${report.video_codecs.join(", ")}`,
    `camera: ${report.camera ?? "-"}, microphone: ${report.microphone ?? "-"}`,
    ...report.findings
      .filter(({ state }) => state !== "ok")
      .map(({ name, sentence }) => `${name}: ${sentence}`),
  ];
  return lines.join("\n").trim();
}

/** Enough to tell networks apart, too little to tell a person: the last half of an address is left out. */
export function masked(address: string): string {
  const four = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(address);
  if (four) return `${four[1] ?? ""}.${four[2] ?? ""}.x.x`;
  if (address.includes(":")) return `${address.split(":").slice(0, 2).join(":")}:x`;
  return address;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
