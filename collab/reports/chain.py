"""The record of a report: its facts, one entry each, chained by SHA-256 so that none can be changed, moved or left out.

    link(0) = SHA-256("tongxin-report-1"),  link(n) = SHA-256(link(n - 1) || canonical JSON of entry n)

A picture stands in the chain by the hash of its bytes, as it was stored and as the report shows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .content import Report

START: Final = hashlib.sha256(b"tongxin-report-1").hexdigest()


class Entry(Struct, frozen=True):
    kind: str
    fact: msgspec.Raw  # canonical JSON
    link: str  # hex


class PictureFact(Struct, frozen=True):
    """Hashes are SHA-256 of the bytes, hex."""

    id: str
    caption: str
    taken_at_ms: int
    marks: int
    stored: str
    shown: str


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def chain_of(report: Report, shown: Mapping[str, bytes]) -> tuple[Entry, ...]:
    """`shown`: still id -> the picture as the report shows it, its marks burned in."""
    pictures = [
        PictureFact(still.id, still.caption, still.taken_at_ms, len(still.marks), sha256(still.image), sha256(picture))
        for still in report.stills
        if (picture := shown[still.id])
    ]
    head = replace(report, visits=(), steps=(), stills=(), open_items=(), signatures=())
    facts: list[tuple[str, Struct]] = [
        ("report", head),
        *(("visit", visit) for visit in report.visits),
        *(("step", step) for step in report.steps),
        *(("picture", picture) for picture in pictures),
        *(("open_item", item) for item in report.open_items),
        *(("signature", signature) for signature in report.signatures),
    ]
    entries: list[Entry] = []
    link = START
    for kind, fact in facts:
        # "<" can only stand in a string, and "\u003c" is the same there: so the record may lie in HTML as it is.
        packed = msgspec.json.encode(fact, order="deterministic").replace(b"<", b"\\u003c")
        link = _next(link, kind, packed)
        entries.append(Entry(kind, msgspec.Raw(packed), link))
    return tuple(entries)


def first_break(entries: Sequence[Entry]) -> int | None:
    """The number, from 0, of the first entry whose link does not follow; None when the chain holds."""
    link = START
    for number, entry in enumerate(entries):
        link = _next(link, entry.kind, bytes(entry.fact))
        if link != entry.link:
            return number
    return None


def _next(link: str, kind: str, packed: bytes) -> str:
    return sha256(link.encode() + kind.encode() + b"\0" + packed)
