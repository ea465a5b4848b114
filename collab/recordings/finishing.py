"""Parts made into a film in a process of its own: `python -m collab.recordings.finishing FOLDER TITLE`.

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

from signaling.egress.finish import NothingToKeep, Source, finish

from .transcript import CAPTIONS, noted, webvtt

FILM: Final = "film.mp4"
SOUND: Final = "sound.m4a"
CHAPTERS: Final = "chapters.json"  # {"part-001.mp4": [[at_ms, title], ...]}
STEP: Final = 0.02


class Made(Struct, frozen=True, omit_defaults=True):
    share: float = 0.0
    film_ms: int = 0
    size_bytes: int = 0
    sha256: str = ""
    chapters: tuple[tuple[int, str], ...] = ()


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
    with made.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    _say(Made(1.0, finished.film_ms, finished.bytes, digest.hexdigest(), finished.chapters))
    return 0


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))  # stdout is for reports
    *flags, place, name = sys.argv[1:]
    sys.exit(main(Path(place), name, sound="--sound" in flags))
