"""The bench's page: ratios, goals, what could not be taken, and the picture."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from tests.bench import report
from tests.bench.cases import case
from tests.bench.forwarding import Row
from tests.bench.janus import Janus
from tests.bench.load import AUDIO, VIDEO
from tests.bench.null import NullForwarder
from tests.bench.peer import Profile
from tests.bench.tongxin import Tongxin


def row(name: str, *us: float, gaps: int = 0) -> Row:
    return Row(name, list(us), received=1_000, expected=1_000, gaps=gaps, checked=10)


def figures() -> report.Figures:
    return report.Figures(
        [
            report.Compared(
                case(VIDEO, 1, 40),
                [row(NullForwarder.name, 1.0), row(Tongxin.name, 1.5, 1.4, 1.9), row(Janus.name, 15.0)],
            ),
            report.Compared(
                case(VIDEO, 1, 40, Profile.SHA1),
                [row(NullForwarder.name, 1.0), row(Tongxin.name, 2.4), row(Janus.name, 30.0)],
            ),
            report.Compared(
                case(AUDIO, 1, 1_000),
                [row(NullForwarder.name, 2.0), row(Tongxin.name, 2.5), Row(Janus.name, failure="too many")],
            ),
        ],
        backend="openssl",
    )


def test_ratios_and_spreads_are_in_the_table() -> None:
    first, *_ = [line for line in report.render(figures()).splitlines() if line.startswith("| 1x40 video, GCM")]
    assert "| 1.00 | 1.50 (1.40-1.90) | 15.00 | 1.50 | 10.00 |" in first


def test_who_could_not_take_a_case_has_a_dash() -> None:
    last = next(line for line in report.render(figures()).splitlines() if line.startswith("| 1x1000 audio"))
    assert "| 2.00 | 2.50 | - | 1.25 | - |" in last


def test_each_goal_is_judged_by_its_worst_row() -> None:
    by_null, by_janus, audio, sha1 = report.goals(figures())[2:]
    assert by_null.endswith("| 1.75 | 1x40 video, SHA1 | 2.40 | missed |")
    assert by_janus.endswith("| 0.125 | 1x40 video, GCM | 0.100 | met |")
    assert audio.endswith("| 1.5 | 1x1000 audio, GCM | 1.25 | met |")
    assert sha1.endswith("| 1.4 | 1x40 video, SHA1 | 1.60 | missed |")


def test_the_picture_is_well_formed_and_has_every_case() -> None:
    root = ET.fromstring(report.picture(figures()))  # noqa: S314  our own text
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for title in ("1x40 video, GCM", "1x40 video, SHA1", "1x1000 audio, GCM", "15.00", "-"):
        assert title in texts
