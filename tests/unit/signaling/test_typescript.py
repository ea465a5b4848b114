"""The generated file is fresh, and the generator refuses what it cannot say in TypeScript."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from rooms.core import events
from rooms.core.codes import Code
from signaling import messages, typescript


def test_the_committed_file_is_fresh() -> None:
    assert typescript.main(["--check"]) == 0


def test_a_stale_file_fails_the_check_and_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "protocol.gen.ts"
    target.write_text("old")
    assert typescript.main(["--check"], target) == 1
    assert target.read_text() == "old"
    assert typescript.main([], target) == 0
    assert typescript.main(["--check"], target) == 0


def test_a_missing_file_fails_the_check(tmp_path: Path) -> None:
    assert typescript.main(["--check"], tmp_path / "none.ts") == 1


def test_every_message_event_and_code_is_there() -> None:
    text = typescript.generate()
    for kind in (*get_args(messages.AnyClientMessage), *get_args(messages.AnyServerMessage)):
        assert f'readonly type: "{kind.__struct_config__.tag}";' in text
    for event in get_args(events.AnyEvent):
        assert f'readonly event: "{event.__struct_config__.tag}";' in text
    for code in Code:
        assert f'"{code}"' in text


def test_what_a_client_may_leave_out_is_optional_and_what_the_server_sends_is_not() -> None:
    text = typescript.generate()
    assert "readonly resume?: string;" in text  # join
    assert "readonly retry_after_ms: number;" in text  # error, which has a default too


def test_a_struct_that_goes_both_ways_is_refused() -> None:
    class Both(msgspec.Struct):
        number: int = 0

    writer = typescript.Writer()
    writer.declare_union("A", Both, from_client=True)
    with pytest.raises(typescript.UnsupportedShape, match="both ways"):
        writer.declare_union("B", Both, from_client=False)


def test_an_unknown_shape_is_refused() -> None:
    class Odd(msgspec.Struct):
        when: set[int]

    with pytest.raises(typescript.UnsupportedShape):
        typescript.Writer().declare_union("A", Odd, from_client=True)


@pytest.mark.parametrize(("name", "constant"), [("QualityCause", "QUALITY_CAUSES"), ("Role", "ROLES")])
def test_the_names_of_value_lists(name: str, constant: str) -> None:
    assert typescript.constant_name(type(name, (), {})) == constant
