"""What was said in a film: noted line by line while it is made, and made captions (WebVTT) when the film is finished.

A line is one JSON object in a file beside the parts, so that what was said is kept whatever process dies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

NOTES: Final = "said.jsonl"
CAPTIONS: Final = "captions.vtt"
LINES_MAX: Final = 20_000
NOTES_MAX_BYTES: Final = 16_000_000
CUE_MIN_MS: Final = 800  # shorter ones cannot be read
_BREAK: Final = re.compile(r"\s+")
_SPOKEN: Final = re.compile(r"<v ([^>]*)>(.*)")


class Said(Struct, frozen=True):
    part: str  # of the film
    at_ms: int  # in this part
    lasts_ms: int
    speaker: str  # "" unknown
    text: str


def note(folder: Path, said: Said) -> None:
    """Raises OSError."""
    with (folder / NOTES).open("ab") as file:
        file.write(msgspec.json.encode(said) + b"\n")


def noted(folder: Path) -> list[Said]:
    """A line that was cut when its process was killed is left out."""
    path = folder / NOTES
    if not path.exists():
        return []
    with path.open("rb") as file:
        lines = file.read(NOTES_MAX_BYTES).split(b"\n")
    found: list[Said] = []
    for line in lines[:LINES_MAX]:
        try:
            found.append(msgspec.json.decode(line, type=Said))
        except msgspec.MsgspecError:
            continue
    return found


def webvtt(lines: Iterable[Said], begins: Mapping[str, int], film_ms: int) -> str:
    """`begins`: of each part, at in the film in ms; lines of other parts, and those that were said when the film was
    over, are left out.  "" where nothing was said."""
    placed = sorted(
        ((begins[line.part] + line.at_ms, line) for line in lines if line.part in begins and line.text.strip()),
        key=lambda one: one[0],
    )
    cues = [
        f"{_clock(at_ms)} --> {_clock(at_ms + max(line.lasts_ms, CUE_MIN_MS))}\n{_spoken(line)}\n"
        for at_ms, line in placed
        if at_ms < film_ms
    ]
    return "\n".join(["WEBVTT\n", *cues]) if cues else ""


def joined(before: str, after: str) -> str:
    """Captions of a film that goes on: both files are ours."""
    return before.rstrip("\n") + "\n" + after.removeprefix("WEBVTT\n")


def as_text(vtt: str) -> str:
    """To read: a paragraph for each time that somebody else speaks.  `vtt` may be anybody's."""
    paragraphs: list[tuple[str, str, list[str]]] = []  # (time, speaker, lines)
    time = ""
    for line in vtt.split("\n")[1:]:
        if "-->" in line:
            time = line.partition("-->")[0].strip().partition(".")[0]
        elif line.strip() and time:
            found = _SPOKEN.match(line)
            speaker, text = (_plain(found[1]), _plain(found[2])) if found else ("", _plain(line))
            if paragraphs and paragraphs[-1][1] == speaker:
                paragraphs[-1][2].append(text)
            else:
                paragraphs.append((time, speaker, [text]))
    return "\n".join(f"[{at}] {speaker}\n{' '.join(lines)}\n" for at, speaker, lines in paragraphs)


def _spoken(line: Said) -> str:
    """WebVTT 4.2.2: a voice span; neither its name nor its text may hold what ends them."""
    text = _escaped(_BREAK.sub(" ", line.text).strip())
    speaker = _escaped(_BREAK.sub(" ", line.speaker).strip())
    return f"<v {speaker}>{text}" if speaker else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    text = re.sub(r"<[^>]*>", "", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1_000 % 60:02}.{ms % 1_000:03}"
