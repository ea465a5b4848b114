"""A sealed file is intact, or it is not: every byte counts."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from collab.reports.keys import public_hex
from collab.reports.seal import FILE_MAX_BYTES, Finding, Verdict, sealed, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OURS = frozenset({public_hex(KEY)})
CHAIN = "ab" * 32
FILES = [b"%PDF-1.7\nbody\n%%EOF\n", b"<!doctype html><p>body</p>\n"]


@pytest.mark.parametrize("file", FILES)
def test_a_file_as_it_was_made_is_intact(file: bytes) -> None:
    assert verify(sealed(file, CHAIN, KEY), OURS) == Finding(Verdict.INTACT, public_hex(KEY), CHAIN)


@pytest.mark.parametrize("file", FILES)
def test_any_changed_byte_shows(file: bytes) -> None:
    whole = sealed(file, CHAIN, KEY)
    for at in range(len(whole)):
        for change in (1, 0x20, 0x80):
            damaged = whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :]
            assert verify(damaged, OURS).verdict is not Verdict.INTACT, (at, change)


@pytest.mark.parametrize("file", FILES)
def test_a_byte_less_or_more_shows(file: bytes) -> None:
    whole = sealed(file, CHAIN, KEY)
    for at in range(len(whole)):
        assert verify(whole[:at], OURS).verdict is not Verdict.INTACT
        assert verify(whole[:at] + b"x" + whole[at:], OURS).verdict is not Verdict.INTACT
    assert verify(whole + b"\n", OURS).verdict is not Verdict.INTACT


def test_another_key_is_told_and_trusted_when_named() -> None:
    other = Ed25519PrivateKey.generate()
    whole = sealed(FILES[0], CHAIN, other)
    assert verify(whole, OURS) == Finding(Verdict.UNKNOWN_KEY, public_hex(other), CHAIN)
    assert verify(whole, OURS | {public_hex(other)}).verdict is Verdict.INTACT


def test_a_file_sealed_again_by_a_stranger_is_not_ours() -> None:
    changed = FILES[0].replace(b"body", b"lies")
    assert verify(sealed(changed, CHAIN, Ed25519PrivateKey.generate()), OURS).verdict is Verdict.UNKNOWN_KEY


def test_what_is_no_report_is_told() -> None:
    assert verify(b"", OURS).verdict is Verdict.NO_SEAL
    assert verify(b"%PDF-1.7 of somebody else", OURS).verdict is Verdict.NO_SEAL
    assert verify(bytes(FILE_MAX_BYTES + 1), OURS).verdict is Verdict.TOO_LONG


@given(st.binary(max_size=300))
def test_no_file_makes_it_fail(noise: bytes) -> None:
    assert verify(noise, OURS).verdict is not Verdict.INTACT
    assert verify(b"%PDF-\n%tongxin-seal " + noise + b"\n", OURS).verdict is not Verdict.INTACT
    assert verify(b"<!--tongxin-seal " + noise + b"-->\n", OURS).verdict is not Verdict.INTACT
