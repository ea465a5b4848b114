"""Who may enter, and as what: decided by account, meeting and token."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from collab.accounts.models import MemberRole
from collab.accounts.service import hash_token
from collab.assist.door import SqlAssistDoor
from collab.assist.removed_marks import SqlRemovedMarks
from collab.assist.session_repository import SessionRepository
from collab.clock import now_ms
from collab.db.engine import Database
from collab.meetings.archive import SqlRoomArchive
from collab.meetings.doorkeeper import EVERY_SOURCE, MeetingDoorkeeper, room_record
from collab.meetings.models import Meeting, RoomToken, TokenKind
from collab.meetings.turn_servers import TurnServers
from rooms.core.assist_model import AssistRole
from rooms.core.codes import Code
from rooms.core.model import Grant, Role, Source
from rooms.ports import Refused, RoomRecord
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.sessions import SessionStore
from signaling.ports import Identity, IdentityKind
from tests.support.redis_servers import RedisServer
from tests.unit.collab.people import People

ADDRESS = "192.0.2.7"
TURN = TurnServers(("turn:t.example:3478", "turns:t.example:5349", "stun:t.example:3478"), "a secret of our own")


@pytest.fixture
async def sessions(valkey: RedisServer) -> AsyncIterator[SessionStore]:
    store = RedisStore(f"{valkey.url}?db=6")
    yield SessionStore(store, Keys(), now_ms)
    await store.close()


@pytest.fixture
def doorkeeper(database: Database, people: People, sessions: SessionStore) -> MeetingDoorkeeper:
    return made(database, people, sessions)


def made(
    database: Database, people: People, sessions: SessionStore, public_url: str = "", turn: TurnServers = TURN
) -> MeetingDoorkeeper:
    return MeetingDoorkeeper(
        people.accounts,
        people.meetings,
        SqlRoomArchive(database, people.meetings, SqlRemovedMarks(database)),
        sessions,
        public_url=public_url,
        turn=turn,
        assist=SqlAssistDoor(SessionRepository(database)),
    )


async def token_for(
    people: People, meeting: Meeting, kind: TokenKind, *, ms: int = 60_000, publish: bool = True
) -> str:
    token = f"token {meeting.id} {kind} {ms}"
    await people.meetings.add_token(
        hash_token(token),
        RoomToken(meeting.id, kind, f"{kind}_1", "Name", publish, True, now_ms() + ms),
        None,
        now_ms(),
    )
    return token


async def test_a_member_is_known_by_the_cookie_and_enters_by_what_the_account_is(
    people: People, doorkeeper: MeetingDoorkeeper, sessions: SessionStore
) -> None:
    admin, company, other = await people.administrator(), await people.organization(), await people.organization("Two")
    host, boss = (
        await people.employee(company, "Host"),
        await people.employee(company, "Boss", MemberRole.ADMINISTRATOR),
    )
    rival = await people.employee(other, "Rival", MemberRole.ADMINISTRATOR)
    meeting = await people.meeting(host)
    expected = {host: Role.HOST, admin: Role.HOST, boss: Role.PARTICIPANT, rival: Role.PARTICIPANT}
    for member, role in expected.items():
        cookie, _ = await sessions.create(member.account.id)
        identity = await doorkeeper.identify(cookie, "", ADDRESS)
        assert isinstance(identity, Identity)
        assert identity.sign_in not in ("", cookie)  # tells sign-ins apart and gives none away
        known = Identity(member.account.id, member.account.name, IdentityKind.MEMBER, ADDRESS, sign_in=identity.sign_in)
        assert identity == known
        grant = await doorkeeper.grant(identity, room_record(meeting))
        assert isinstance(grant, Grant)
        assert (grant.role, grant.skip_lobby, grant.address) == (role, role is Role.HOST, ADDRESS)
        assert grant.organization == member.memberships[0].organization.name


async def test_the_token_of_somebody_removed_is_refused_as_such(people: People, doorkeeper: MeetingDoorkeeper) -> None:
    """In that room; told twice, as after a takeover, it stays one removal."""
    here, elsewhere = await people.meeting(None), await people.meeting(None)
    tokens = [await token_for(people, meeting, TokenKind.GUEST) for meeting in (here, elsewhere)]
    for _ in range(2):
        await people.meetings.removed(here.id, "guest_1", 5)
    assert await doorkeeper.identify("", tokens[0], ADDRESS) == Refused(Code.REMOVED)
    assert isinstance(await doorkeeper.identify("", tokens[1], ADDRESS), Identity)


@pytest.mark.parametrize(
    ("cookie", "token"), [("", ""), ("unknown", ""), ("", "unknown"), ("\ud800", ""), ("", "\ud800")]
)
async def test_nobody_is_nobody(doorkeeper: MeetingDoorkeeper, cookie: str, token: str) -> None:
    assert await doorkeeper.identify(cookie, token, ADDRESS) == Refused(Code.UNAUTHENTICATED)


async def test_a_guest_enters_one_room_as_a_guest_for_as_long_as_the_token_lasts(
    people: People, doorkeeper: MeetingDoorkeeper, sessions: SessionStore
) -> None:
    host = await people.administrator()
    meeting, other = await people.meeting(host), await people.meeting(host)
    token = await token_for(people, meeting, TokenKind.GUEST)
    cookie, _ = await sessions.create(host.account.id)
    identity = await doorkeeper.identify(cookie, token, ADDRESS)  # the token goes before the cookie
    assert isinstance(identity, Identity)
    assert (identity.kind, identity.room_id) == (IdentityKind.GUEST, meeting.id)
    grant = await doorkeeper.grant(identity, room_record(meeting))
    assert isinstance(grant, Grant)
    assert (grant.role, grant.skip_lobby, grant.chat, grant.publish) == (Role.GUEST, False, True, EVERY_SOURCE)
    assert grant.expires_at_ms == identity.expires_at_ms > now_ms()
    assert await doorkeeper.grant(identity, room_record(other)) == Refused(Code.FORBIDDEN)
    await people.meetings.change(meeting.id, title=None, lobby_enabled=None, guests_allowed=False)
    record = await doorkeeper.find_room(meeting.code)
    assert isinstance(record, RoomRecord)
    assert await doorkeeper.grant(identity, record) == Refused(Code.SIGN_IN_REQUIRED)
    old = Identity("guest_1", "n", IdentityKind.GUEST, ADDRESS, meeting.id, expires_at_ms=now_ms() - 1)
    assert await doorkeeper.grant(old, room_record(meeting)) == Refused(Code.EXPIRED)


async def test_a_program_does_what_its_token_says(people: People, doorkeeper: MeetingDoorkeeper) -> None:
    meeting = await people.meeting(await people.administrator())
    identity = await doorkeeper.identify(
        "", await token_for(people, meeting, TokenKind.PROGRAM, publish=False), ADDRESS
    )
    assert isinstance(identity, Identity)
    grant = await doorkeeper.grant(identity, room_record(meeting))
    assert isinstance(grant, Grant)
    assert (grant.role, grant.publish, grant.subscribe) == (Role.PARTICIPANT, (), True)
    assert (grant.skip_lobby, grant.chat) == (True, False)


async def test_a_room_is_found_however_its_code_is_written(people: People, doorkeeper: MeetingDoorkeeper) -> None:
    meeting = await people.meeting(await people.administrator(), lobby=True)
    record = await doorkeeper.find_room(f" {meeting.code.upper()} ")
    assert record == room_record(meeting)
    assert isinstance(record, RoomRecord)
    assert (record.id, record.lobby_enabled, record.ended) == (meeting.id, True, False)
    for code in ("aaa-bbbb-ccc", "", "ж" * 5, "x" * 1_000, "a\x00b"):
        assert await doorkeeper.find_room(code) == Refused(Code.ROOM_NOT_FOUND), code
    await people.meetings.ended(meeting.id, 1)
    ended = await doorkeeper.find_room(meeting.code)
    assert isinstance(ended, RoomRecord)
    assert ended.ended


async def test_an_account_that_is_gone_is_not_let_in(people: People, doorkeeper: MeetingDoorkeeper) -> None:
    meeting = await people.meeting(await people.administrator())
    ghost = Identity("0" * 26, "Ghost", IdentityKind.MEMBER, ADDRESS)
    assert await doorkeeper.grant(ghost, room_record(meeting)) == Refused(Code.UNAUTHENTICATED)


async def test_while_redis_is_away_it_says_so(database: Database, people: People) -> None:
    store = RedisStore("unix:///nowhere/redis.sock")
    doorkeeper = made(database, people, SessionStore(store, Keys(), now_ms))
    refused = await doorkeeper.identify("cookie", "", ADDRESS)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.retry_after_ms > 0) == (Code.UNAVAILABLE, True)
    await store.close()


async def test_everyone_is_told_the_relays_with_a_credential_of_their_own(doorkeeper: MeetingDoorkeeper) -> None:
    expires_at_ms = now_ms() + 600_000
    guest = Identity("guest_1", "n", IdentityKind.GUEST, ADDRESS, "room", expires_at_ms=expires_at_ms)
    stun, turn = doorkeeper.ice_servers(guest)
    assert (stun.urls, stun.credential) == (("stun:t.example:3478",), "")
    assert turn.username == f"{expires_at_ms // 1_000}:guest_1"
    member = Identity("m", "n", IdentityKind.MEMBER, ADDRESS)
    assert doorkeeper.ice_servers(member)[1].username.endswith(":m")


async def test_without_turn_servers_none_are_told(database: Database, people: People, sessions: SessionStore) -> None:
    doorkeeper = made(database, people, sessions, turn=TurnServers())
    assert doorkeeper.ice_servers(Identity("m", "n", IdentityKind.MEMBER, ADDRESS)) == ()


@pytest.mark.parametrize(
    ("public_url", "origin", "host", "allowed"),
    [
        ("", "http://localhost:8080", "localhost:8080", True),
        ("", "https://Meet.example", "meet.example", True),
        ("", "http://localhost:8081", "localhost:8080", False),
        ("", "https://evil.example", "meet.example", False),
        ("", "null", "meet.example", False),
        ("", "", "", False),
        ("", "file://", "", False),
        ("", "https://meet.example@evil.example", "meet.example", False),
        ("https://meet.example", "https://meet.example", "10.0.0.5:8080", True),
        ("https://meet.example", "http://10.0.0.5:8080", "10.0.0.5:8080", False),
        ("https://meet.example", "https://meet.example.evil.example", "meet.example", False),
    ],
)
async def test_origins(
    database: Database, people: People, sessions: SessionStore, public_url: str, origin: str, host: str, allowed: bool
) -> None:
    assert made(database, people, sessions, public_url).origin_allowed(origin, host) is allowed


async def test_only_who_is_on_site_shows_a_camera_in_assistance(
    people: People, doorkeeper: MeetingDoorkeeper, sessions: SessionStore
) -> None:
    room = RoomRecord("room", "abc-defg-hij", "Look", guests_allowed=False, assist=True)
    for role, shows in ((AssistRole.ON_SITE, True), (AssistRole.EXPERT, False), (AssistRole.OBSERVER, False)):
        guest = Identity("guest_1", "n", IdentityKind.GUEST, ADDRESS, "room", assist_role=role)
        grant = await doorkeeper.grant(guest, room)
        assert isinstance(grant, Grant)
        assert (grant.assist, Source.CAMERA in grant.publish, Source.MICROPHONE in grant.publish) == (role, shows, True)
        assert (grant.role, grant.skip_lobby) == (Role.GUEST, True)
    stranger = Identity("guest_2", "n", IdentityKind.GUEST, ADDRESS, "room")
    assert await doorkeeper.grant(stranger, room) == Refused(Code.SIGN_IN_REQUIRED)


async def test_in_assistance_a_member_has_a_part_or_stays_outside(
    people: People, doorkeeper: MeetingDoorkeeper, database: Database
) -> None:
    works, other = await people.organization(), await people.organization("Two")
    maker, colleague = await people.employee(works, "Maker"), await people.employee(works, "Colleague")
    stranger, staff = await people.employee(other, "Stranger"), await people.administrator()
    meeting = await people.meetings.add("Look", maker.account.id, works.id, False, False, now_ms(), assist=True)
    await SessionRepository(database).add(meeting.id, maker.account.id, AssistRole.EXPERT, None, None, now_ms())
    parts = []
    for member in (maker, colleague, staff, stranger):
        grant = await doorkeeper.grant(MeetingDoorkeeper.member_identity(member, ADDRESS), room_record(meeting))
        parts.append(grant.assist if isinstance(grant, Grant) else grant.code)
    assert parts == [AssistRole.EXPERT, AssistRole.EXPERT, AssistRole.OBSERVER, Code.FORBIDDEN]


@pytest.fixture
def away() -> Database:
    return Database("sqlite+aiosqlite:////no/such/folder/tongxin.db")


async def test_a_database_that_is_away_is_said_to_be_so(away: Database, sessions: SessionStore) -> None:
    found = await made(away, People(away), sessions).find_room("abc-defg-hij")
    assert isinstance(found, Refused)
    assert (found.code, found.retry_after_ms > 0) == (Code.UNAVAILABLE, True)
    await away.close()
