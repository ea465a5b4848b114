"""The figures of one run as a table on the terminal and as docs/performance.md with its picture."""

from __future__ import annotations

import datetime as dt
import math
import platform
from dataclasses import dataclass, field
from pathlib import Path

from . import plot
from .cases import Case
from .crypto import Cipher
from .first_frame import FirstFrame
from .forwarding import Row
from .janus import Janus
from .joins import Joins
from .large_room import LargeRoom
from .native_core import NativeCore
from .null import NullForwarder
from .peer import Profile
from .saturation import Saturation
from .signalling import RoundTrip
from .tongxin import Tongxin

DOCS = Path(__file__).parents[2] / "docs"
TARGET = DOCS / "performance.md"
PICTURE = DOCS / "images" / "performance.svg"
OURS = (Tongxin.name, NativeCore.name)
SERIES = {NullForwarder.name: "null forwarder", Tongxin.name: "Tongxin", Janus.name: "Janus"}

VIDEO_OF_NULL_MAX, VIDEO_OF_JANUS_MAX, AUDIO_OF_NULL_MAX, SHA1_OF_GCM_MAX = 1.75, 1 / 8, 1.5, 1.4

HEAD = """# Performance

Written by `make bench`; every figure below comes from one run on one machine. Absolute figures drift with the machine,
its neighbours and its kernel; the ratios within one run hold better. The load client, the servers and the browsers
share the same cores. How it is measured: tests/bench/README.md.
"""


@dataclass(frozen=True)
class Compared:
    """One case and who took it."""

    case: Case
    rows: list[Row]

    def row(self, name: str) -> Row:
        """`Tongxin.name` also finds its core alone."""
        names = OURS if name in OURS else (name,)
        return next((row for row in self.rows if row.name in names), Row(name))

    def us(self, name: str) -> float:
        return self.row(name).median_us

    def of_null(self) -> float:
        return self.us(Tongxin.name) / self.us(NullForwarder.name)

    def of_janus(self) -> float:
        return self.us(Tongxin.name) / self.us(Janus.name)


@dataclass(frozen=True)
class Figures:
    forwarding: list[Compared]
    saturation: list[Saturation] = field(default_factory=list)
    ciphers: list[Cipher] = field(default_factory=list)
    backend: str = ""
    large_room: LargeRoom | None = None
    joins: Joins | None = None
    round_trip: RoundTrip | None = None
    first_frame: FirstFrame | None = None


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if "model name" in line), platform.machine())
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    return f"{model}, Linux {platform.release()}, Python {platform.python_version()}, {today}"


def _number(value: float, form: str = ".2f") -> str:
    return "-" if math.isnan(value) else format(value, form)


def _spread(compared: Compared, name: str) -> str:
    row = compared.row(name)
    if not row.us_per_packet:
        return "-"
    lost = f", {row.lost_share:.1%} lost" if row.lost_share >= 0.001 else ""
    if len(row.us_per_packet) == 1:
        return f"{row.median_us:.2f}{lost}"
    return f"{row.median_us:.2f} ({min(row.us_per_packet):.2f}-{max(row.us_per_packet):.2f}){lost}"


def forwarding_table(figures: Figures) -> list[str]:
    heads = ["publishers x subscribers, media, SRTP", *SERIES.values(), "Tongxin / null", "Janus / Tongxin"]
    heads.append("Tongxin: lost, damaged of checked")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for compared in figures.forwarding:
        ours = compared.row(Tongxin.name)
        spreads = " | ".join(_spread(compared, name) for name in SERIES)
        lines.append(
            f"| {compared.case.title} | {spreads} | {_number(compared.of_null())} | {_number(1 / compared.of_janus())} "
            f"| {ours.gaps} of {ours.expected}, {ours.bad} of {ours.checked} |"
        )
    return lines


def saturation_table(figures: Figures) -> list[str]:
    lines = ["| server | SRTP | packets a second | of one processor | lost |", "|---|---|---|---|---|"]
    for found in figures.saturation:
        best = found.best
        values = (
            f"{best.forwarded_per_second:,.0f} | {best.busy_share:.0%} | {best.lost_share:.3%}" if best else "- | - | -"
        )
        profile = "none" if found.name == NullForwarder.name else found.profile.name
        lines.append(f"| {found.name} | {profile} | {values} |")
    return lines


def cipher_table(figures: Figures) -> list[str]:
    lines = ["| library | SRTP | protect, ns | unprotect, ns |", "|---|---|---|---|"]
    return lines + [f"| {c.library} | {c.profile} | {c.protect_ns} | {c.unprotect_ns} |" for c in figures.ciphers]


def goals(figures: Figures) -> list[str]:
    """Each goal with the worst figure that it is about."""
    video = [c for c in figures.forwarding if c.case.crowd.kind == "video"]
    audio = [c for c in figures.forwarding if c.case.crowd.kind == "audio"]
    sha1 = [
        (c.us(Tongxin.name) / other.us(Tongxin.name), c.case.title)
        for c in figures.forwarding
        for other in figures.forwarding
        if c.case.crowd.profile is Profile.SHA1
        and other.case.crowd.profile is Profile.GCM
        and str(c.case.crowd) == str(other.case.crowd)
        and c.case.shape == other.case.shape
    ]
    asked = (
        ("video rows beside the null forwarder", [(c.of_null(), c.case.title) for c in video], VIDEO_OF_NULL_MAX),
        ("video rows beside Janus", [(c.of_janus(), c.case.title) for c in video], VIDEO_OF_JANUS_MAX),
        ("audio rows beside the null forwarder", [(c.of_null(), c.case.title) for c in audio], AUDIO_OF_NULL_MAX),
        ("SHA1 beside our own GCM", sha1, SHA1_OF_GCM_MAX),
    )
    lines = ["| goal | at most | worst row | | |", "|---|---|---|---|---|"]
    for text, all_values, limit in asked:
        values = [(value, title) for value, title in all_values if not math.isnan(value)]
        worst, title = max(values, default=(math.nan, "-"))
        verdict = "-" if math.isnan(worst) else "met" if worst <= limit else "missed"
        figure = _number(worst, ".3f" if limit < 1 else ".2f")
        lines.append(f"| {text} | {limit:.3g} | {title} | {figure} | {verdict} |")
    return lines


def picture(figures: Figures) -> str:
    groups = [
        plot.Group(c.case.title, {label: c.us(name) for name, label in SERIES.items()}) for c in figures.forwarding
    ]
    return plot.bars("CPU per forwarded packet", "microseconds, less is better", list(SERIES.values()), groups)


def section(title: str, *sentences: str) -> list[str]:
    return ["", f"## {title}", "", " ".join(sentences)]


def render(figures: Figures) -> str:
    lines = [HEAD, f"Machine: {machine()}; SRTP by {figures.backend}"]
    lines += section(
        "Forwarding",
        "Microseconds of CPU of the server process, with all its threads and children, per forwarded packet: median",
        "(least-most of the rounds). Video is 1100-byte RTP packets in bursts of 10, 30 bursts a second where nothing",
        "else is said; audio is a packet of 80 to 120 bytes every 20 ms. Publishers are spread over the interval. The",
        "null forwarder sends the same datagrams to the same receivers with UDP GSO where sizes allow and does nothing",
        "else. A dash: it could not take the case, or (2,000 subscribers) was not asked to. Where more than five speak",
        "at once, a room forwards the loudest; those rows, and that of 2,000, are of the media core alone.",
    )
    lines += ["", *forwarding_table(figures), "", "![CPU per forwarded packet](images/performance.svg)", ""]
    lines += goals(figures)
    if figures.saturation:
        lines += section(
            "Saturation",
            "The server held on one processor, the client on the other; 1 publisher, 200 subscribers, bursts of 10",
            "1100-byte packets, more of them until 0.1 % are lost or queues grow.",
        )
        lines += ["", *saturation_table(figures)]
    if figures.ciphers:
        lines += section(
            "SRTP alone",
            "1100-byte packets to 40 subscribers in bursts of 10. ipsec-mb is used where libipsec-mb-dev was there at",
            "build time and the processor has AES instructions; elsewhere it is OpenSSL, so there a packet costs so",
            "many nanoseconds more than in the tables above.",
        )
        lines += ["", *cipher_table(figures)]
    if (room := figures.large_room) is not None:
        lines += section(
            "A large room",
            f"{room.people} open microphones, of which everybody hears the five loudest, and {room.cameras} cameras",
            "that everybody sees as thumbnails of 15 pictures a second, on the media core alone:",
            f"{room.received_per_second:,.0f} packets a second in, {room.forwarded_per_second:,.0f} out with",
            f"{room.cores:.2f} of a processor ({room.us_per_packet:.2f} us a forwarded packet, receiving the others",
            f"included) and {room.memory_bytes / 1e6:.0f} MB; {room.lost_share:.3%} lost, of which the kernel tells of",
            f"{room.dropped_before_server} packets at the server's socket and {room.dropped_before_client} at the",
            f"receivers'; a control call meanwhile takes {room.call_median_us} us (median), {room.call_p99_us} us",
            "(p99).",
        )
    if (joins := figures.joins) is not None:
        lines += section(
            "Joins",
            f"{joins.count} viewers by WHEP at 20 a second: POST to first media packet p50 {joins.p50_ms:.0f} ms,",
            f"p95 {joins.p95_ms:.0f} ms; {joins.cpu_ms_per_join:.1f} ms of server CPU and",
            f"{joins.kib_per_participant:.0f} KiB of memory per viewer (ICE, DTLS, HTTP, room and media state).",
        )
    if (trip := figures.round_trip) is not None:
        lines += section(
            "Signalling",
            f"Ping to pong over WebSocket beside {trip.idle_sockets} idle sockets: p50 {trip.p50_ms:.2f} ms,",
            f"p99 {trip.p99_ms:.2f} ms ({trip.pings} pings).",
        )
    if (first := figures.first_frame) is not None:
        lines += section(
            "Join click to first remote frame",
            f"Chromium, the other's camera 160x120 at 5 frames a second: p50 {first.p50_ms:.0f} ms,",
            f"max {first.max_ms:.0f} ms over {first.joins} joins.",
        )
    return "\n".join(lines) + "\n"
