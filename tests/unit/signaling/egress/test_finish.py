"""Parameter sets out of the head of a file, for films whose parts are of several encoders."""

from __future__ import annotations

import pytest

from signaling.egress.finish import parameter_sets

RECORD = b"\x01\x64\x00\x1f\xff\xe1\x00\x03\x67ab\x01\x00\x02\x68c"


def test_sets_of_a_record_have_their_lengths_before_them() -> None:
    assert parameter_sets(RECORD) == b"\x00\x00\x00\x03\x67ab\x00\x00\x00\x02\x68c"


@pytest.mark.parametrize("record", [b"", b"\x01\x64", RECORD[:6]])
def test_what_is_none_has_none(record: bytes) -> None:
    assert parameter_sets(record) == b""
