"""TURN credentials in coturn's REST form."""

from __future__ import annotations

import base64
import hashlib
import hmac

from collab.meetings.turn_servers import CREDENTIAL_S, TurnServers
from signaling.messages import IceServer

NOW_MS = 1_700_000_000_999
SERVERS = TurnServers(("turn:t.example:3478", "turns:t.example:5349", "stun:t.example:3478"), "a secret of our own")


def test_the_credential_is_the_signed_end_and_owner() -> None:
    stun, turn = SERVERS.of("id_1", NOW_MS)

    assert stun == IceServer(urls=("stun:t.example:3478",))
    assert turn.urls == ("turn:t.example:3478", "turns:t.example:5349")
    assert turn.username == f"{1_700_000_000 + CREDENTIAL_S}:id_1"
    digest = hmac.new(b"a secret of our own", turn.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn.credential) == digest


def test_it_ends_no_later_than_the_grant() -> None:
    soon, late = (SERVERS.of("id_1", NOW_MS, NOW_MS + s * 1_000)[1] for s in (60, CREDENTIAL_S * 2))

    assert soon.username == "1700000060:id_1"
    assert late.username == f"{1_700_000_000 + CREDENTIAL_S}:id_1"


def test_it_is_another_one_for_another_person_and_another_second() -> None:
    asked = (("id_1", NOW_MS), ("id_2", NOW_MS), ("id_1", NOW_MS + 1_000))

    assert len({SERVERS.of(identity, now_ms)[1].credential for identity, now_ms in asked}) == 3


def test_what_is_not_set_up_is_not_told() -> None:
    assert TurnServers().of("id_1", NOW_MS) == ()
    assert TurnServers(("stun:t.example",)).of("id_1", NOW_MS) == (IceServer(urls=("stun:t.example",)),)
