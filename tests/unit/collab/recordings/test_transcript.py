"""What was said in a film: noted line by line, placed in the film, made captions and a text."""

from __future__ import annotations

from pathlib import Path

from collab.livestream.captions import cleaned
from collab.recordings.transcript import NOTES, Said, as_text, joined, note, noted, webvtt

BEGINS = {"part-001.mp4": 0, "part-002.mp4": 61_500}
FILM_MS = 3_600_000
LINES = [
    Said("part-002.mp4", 0, 300, "Wang", "Not yet."),
    Said("part-001.mp4", 3_599_000, 2_000, "Li <b>\nLei", "a --> b & <i>c</i>"),
    Said("part-001.mp4", 1_250, 2_000, "", "Who is there?"),
    Said("part-009.mp4", 0, 1_000, "Li", "of a part that was lost"),
    Said("part-001.mp4", FILM_MS, 1_000, "Li", "when the film was over"),
]


def test_lines_are_captions_in_the_order_and_time_of_the_film() -> None:
    vtt = webvtt(LINES, BEGINS, FILM_MS)
    assert vtt.split("\n") == [
        "WEBVTT",
        "",
        "00:00:01.250 --> 00:00:03.250",
        "Who is there?",
        "",
        "00:01:01.500 --> 00:01:02.300",
        "<v Wang>Not yet.",
        "",
        "00:59:59.000 --> 01:00:01.000",
        "<v Li &lt;b&gt; Lei>a --&gt; b &amp; &lt;i&gt;c&lt;/i&gt;",
        "",
    ]
    assert cleaned(vtt.encode()) == vtt  # as it would be taken from somebody's hand
    assert webvtt([], BEGINS, FILM_MS) == ""


def test_captions_are_read_as_a_text() -> None:
    lines = [*LINES, Said("part-002.mp4", 2_000, 300, "Wang", "Soon.")]
    assert as_text(webvtt(lines, BEGINS, FILM_MS)).split("\n") == [
        "[00:00:01] ",
        "Who is there?",
        "",
        "[00:01:01] Wang",
        "Not yet. Soon.",
        "",
        "[00:59:59] Li <b> Lei",
        "a --> b & <i>c</i>",
        "",
    ]
    assert as_text("WEBVTT\n\nno times\n") == ""


def test_a_film_that_goes_on_keeps_what_was_said_before() -> None:
    before, after = webvtt(LINES[2:3], BEGINS, FILM_MS), webvtt(LINES[:1], BEGINS, FILM_MS)
    assert cleaned(joined(before, after).encode()).count("-->") == 2


def test_a_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    assert noted(tmp_path) == []
    for line in LINES:
        note(tmp_path, line)
    with (tmp_path / NOTES).open("ab") as file:
        file.write(b'{"part":"part-0')
    assert noted(tmp_path) == LINES
