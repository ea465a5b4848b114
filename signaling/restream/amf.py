"""AMF0, as far as RTMP's commands need it: numbers, booleans, texts, objects, null."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

Value = float | bool | str | None | Mapping[str, "Value"]

DEPTH_MAX: Final = 8
VALUES_MAX: Final = 256
_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _END = 0, 1, 2, 3, 5, 9


class AmfError(ValueError):
    """What came is not AMF0, or not of a kind that we take."""


def encode(*values: Value) -> bytes:
    return b"".join(map(_encode, values))


def _encode(value: Value) -> bytes:
    match value:
        case bool():
            return bytes((_BOOLEAN, value))
        case int() | float():
            return struct.pack("!Bd", _NUMBER, value)
        case str():
            return bytes((_STRING,)) + _text(value)
        case None:
            return bytes((_NULL,))
        case _:
            inside = b"".join(_text(name) + _encode(one) for name, one in value.items())
            return bytes((_OBJECT,)) + inside + b"\0\0\x09"


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("!H", len(data)) + data


def decode(data: bytes) -> list[Value]:
    """All values of one message.  Raises AmfError."""
    reader = _Reader(data)
    values: list[Value] = []
    while reader.at < len(data):
        values.append(reader.value(0))
    return values


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._count = 0
        self.at = 0

    def value(self, depth: int) -> Value:
        self._count += 1
        if depth > DEPTH_MAX or self._count > VALUES_MAX:
            raise AmfError("too much")
        match self._take(1)[0]:
            case 0:
                return float(struct.unpack("!d", self._take(8))[0])
            case 1:
                return bool(self._take(1)[0])
            case 2:
                return self._string()
            case 3:
                return self._members(depth)
            case 5 | 6:
                return None
            case 8:
                self._take(4)
                return self._members(depth)
            case 10:
                (count,) = struct.unpack("!I", self._take(4))
                return {str(number): self.value(depth + 1) for number in range(min(count, VALUES_MAX + 1))}
            case kind:
                raise AmfError(f"kind {kind}")

    def _members(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while True:
            name = self._string()
            if not name and self._data[self.at : self.at + 1] == bytes((_END,)):
                self.at += 1
                return found
            found[name] = self.value(depth + 1)

    def _string(self) -> str:
        (size,) = struct.unpack("!H", self._take(2))
        return self._take(size).decode("utf-8", "replace")

    def _take(self, size: int) -> bytes:
        data = self._data[self.at : self.at + size]
        if len(data) < size:
            raise AmfError("cut short")
        self.at += size
        return data
