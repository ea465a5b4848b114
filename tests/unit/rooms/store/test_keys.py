"""Keys are spelled in one place, tell their type and life, and cannot run into each other."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from rooms.store import keys as module
from rooms.store.keys import Keys

METHODS = [name for name in vars(Keys) if not name.startswith("_")]


def made(keys: Keys) -> dict[str, str]:
    found = {}
    for name in METHODS:
        method = getattr(keys, name)
        found[name] = method(*("x" for _ in inspect.signature(method).parameters))
    return found


def test_every_key_is_another_and_has_the_prefix() -> None:
    keys = made(Keys("p:"))
    assert len(set(keys.values())) == len(METHODS)
    assert all(key.startswith("p:") for key in keys.values())


def test_every_key_says_its_type_and_who_writes_it() -> None:
    for name in METHODS:
        text = inspect.getdoc(getattr(Keys, name)) or ""
        assert re.match(r"(String|Integer|Hash|Sorted set|Pub/sub channel)\b", text), name
        assert re.search(r"(written|published) by", text), name


def test_no_other_file_spells_a_key() -> None:
    folder = Path(module.__file__).parent
    for path in [*folder.glob("*.py"), *folder.glob("scripts/*.lua")]:
        if path.name != "keys.py":
            assert "tongxin:" not in path.read_text(), path
