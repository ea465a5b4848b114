"""What every message on the wire is built from: its base, and the bounded types of its fields."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

SDP_MAX_CHARS = 131_072

Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Milliseconds = Annotated[int, Meta(ge=0, le=2**53 - 1)]
ShortText = Annotated[str, Meta(max_length=64)]
Token = Annotated[str, Meta(max_length=512)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Sdp = Annotated[str, Meta(min_length=1, max_length=SDP_MAX_CHARS)]


class ClientMessage(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    id: Id


class ServerMessage(Struct, frozen=True, tag_field="type", kw_only=True):
    pass
