from __future__ import annotations

import msgspec
from msgspec.structs import replace

from collab.reports.chain import Entry, chain_of, first_break, sha256
from tests.support.reports import full_report

REPORT = full_report()
SHOWN = {still.id: b"shown " + still.id.encode() for still in REPORT.stills}


def test_every_fact_stands_in_the_chain_and_it_holds() -> None:
    chain = chain_of(REPORT, SHOWN)
    kinds = [entry.kind for entry in chain]
    assert kinds == ["report", "visit", *["step"] * 4, *["picture"] * 3, "open_item", *["signature"] * 2]
    assert first_break(chain) is None


def test_it_holds_after_a_way_through_a_file() -> None:
    packed = msgspec.json.encode(chain_of(REPORT, SHOWN))
    assert first_break(msgspec.json.decode(packed, type=list[Entry])) is None


def test_a_changed_moved_or_missing_entry_is_found() -> None:
    chain = list(chain_of(REPORT, SHOWN))
    changed = [*chain[:3], replace(chain[3], fact=msgspec.Raw(b'{"title":"other"}')), *chain[4:]]
    assert first_break(changed) == 3
    assert first_break([*chain[:2], chain[3], chain[2], *chain[4:]]) == 2
    assert first_break([*chain[:5], *chain[6:]]) == 5
    assert first_break([replace(chain[0], kind="visit"), *chain[1:]]) == 0


def test_another_picture_is_another_chain() -> None:
    other = {**SHOWN, "s1": b"retouched"}
    assert chain_of(REPORT, SHOWN)[-1].link != chain_of(REPORT, other)[-1].link
    stored = replace(REPORT, stills=(replace(REPORT.stills[0], image=b"else"), *REPORT.stills[1:]))
    assert chain_of(REPORT, SHOWN)[-1].link != chain_of(stored, SHOWN)[-1].link
    assert sha256(REPORT.stills[0].image).encode() in bytes(chain_of(REPORT, SHOWN)[6].fact)
