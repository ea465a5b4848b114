"""Parts made into a film in a process of its own: `python -m collab.recordings.finishing FOLDER TITLE`.  Tracks that
were kept by themselves become files of their own then.

`... --sound FOLDER TITLE` makes the sound of the film in FOLDER a file of its own.

Reports lines of JSON: {"share": 0.4} on the way, {"film_ms": ..., ...} at the end, {} when there is nothing to keep.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from rooms.core.model import Source as TrackSource
from signaling.egress.finish import NothingToKeep, Source, finish
from signaling.egress.finish_tracks import FinishedTrack, finish_tracks

from .transcript import CAPTIONS, noted, webvtt

FILM: Final = "film.mp4"
SOUND: Final = "sound.m4a"
CHAPTERS: Final = "chapters.json"  # {"part-001.mp4": [[at_ms, title], ...]}
STEP: Final = 0.02


class MadeTrack(Struct, frozen=True):
    """`begins_ms` in the film."""

    file: str  # in the folder
    participant_id: str
    identity: str
    name: str
    source: TrackSource
    codec: str
    begins_ms: int
    length_ms: int
    size_bytes: int
    sha256: str


class Made(Struct, frozen=True, omit_defaults=True):
    share: float = 0.0
    film_ms: int = 0
    size_bytes: int = 0
    sha256: str = ""
    chapters: tuple[tuple[int, str], ...] = ()
    tracks: tuple[MadeTrack, ...] = ()


def parts_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.mp4"))


def note_chapters(folder: Path, chapters: Mapping[str, tuple[tuple[int, str], ...]]) -> None:
    """Beside those that are noted already."""
    (folder / CHAPTERS).write_bytes(msgspec.json.encode({**_noted(folder), **chapters}))


def _noted(folder: Path) -> dict[str, tuple[tuple[int, str], ...]]:
    path = folder / CHAPTERS
    if not path.exists():
        return {}
    return msgspec.json.decode(path.read_bytes(), type=dict[str, tuple[tuple[int, str], ...]])


def _say(made: Made) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(made) + b"\n")
    sys.stdout.buffer.flush()


def main(folder: Path, title: str, *, sound: bool = False) -> int:
    chapters = _noted(folder)
    said = 0.0

    def on_progress(share: float) -> None:
        nonlocal said
        if share >= said + STEP:
            said = share
            _say(Made(share=round(share, 2)))

    try:
        paths = [folder / FILM] if sound else parts_of(folder)
        made = folder / (SOUND if sound else FILM)
        sources = [Source(path, chapters.get(path.name, ())) for path in paths]
        finished = finish(sources, made, title, on_progress, audio_only=sound)
    except NothingToKeep:
        _say(Made())
        return 0
    if not sound and (captions := webvtt(noted(folder), finished.begins, finished.film_ms)):
        (folder / CAPTIONS).write_text(captions, "utf-8")
    tracks = () if sound else tuple(_track(one) for one in finish_tracks(folder, finished.begins))
    _say(Made(1.0, finished.film_ms, finished.bytes, _digest(made), finished.chapters, tracks))
    return 0


def _track(found: FinishedTrack) -> MadeTrack:
    return MadeTrack(
        found.path.name,
        found.participant_id,
        found.identity,
        found.name,
        found.source,
        found.codec,
        found.begins_ms,
        found.length_ms,
        found.path.stat().st_size,
        _digest(found.path),
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))  # stdout is for reports
    *flags, place, name = sys.argv[1:]
    sys.exit(main(Path(place), name, sound="--sound" in flags))
