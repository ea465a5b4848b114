"""What the other commands than `serve` do: with the database and, for looking, Redis; never with live rooms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct

from rooms.core.codes import Code
from rooms.ports import StoreUnavailable
from rooms.store.connection import RedisStore
from rooms.store.embedded import EmbeddedFailed, EmbeddedValkey
from signaling.webrtc.probe import answers_by_tcp

from .accounts.models import LinkKind
from .accounts.passwords import Passwords
from .accounts.repository import AccountRepository
from .accounts.service import DEFAULT_LOCALE, guesses, hash_token, normal_email, organization_name, person_name
from .addresses import LOOPBACK, advertised_addresses, machine_addresses
from .clock import new_secret, now_ms
from .config import Settings
from .db.engine import Database
from .db.migrate import migrate_or_fail
from .doctor import findings, probes
from .doctor.findings import Check, Cure, Finding, Sentence, State
from .doctor.sentences import Language, in_words
from .edge.visiting import look_from_here
from .keys import prepare_data_folder
from .meetings.models import ROOM_CODE
from .meetings.repository import MeetingRepository
from .meetings.service import new_program_token
from .meetings.turn_servers import TurnServers
from .problems import FieldFault, Refusal, invalid

RESET_LINK_MS = 86_400_000
HOURS_MAX = 24 * 365


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Of the newest schema.  Raises StartFailure."""
    await asyncio.to_thread(prepare_data_folder, settings.data_dir)
    database = await asyncio.to_thread(Database, settings.effective_database_url)
    try:
        await migrate_or_fail(database)
        yield database
    finally:
        await database.close()


async def migrate(settings: Settings) -> list[str]:
    await asyncio.to_thread(prepare_data_folder, settings.data_dir)
    database = await asyncio.to_thread(Database, settings.effective_database_url)
    try:
        return await migrate_or_fail(database)
    finally:
        await database.close()


async def create_administrator(settings: Settings, email: str, name: str, password: str, organization: str) -> str:
    """The account's address.  Raises INVALID."""
    email, name = normal_email(email), person_name(name)
    passwords = await asyncio.to_thread(Passwords, settings.password_min_chars)
    try:
        password_hash = await passwords.new_hash(password, *guesses(name, email))
    finally:
        await passwords.close()
    async with open_database(settings) as database:
        await AccountRepository(database).make_first_administrator(
            None,
            now_ms(),
            email=email,
            name=name,
            password_hash=password_hash,
            organization=organization_name(organization, "organization"),
            locale=DEFAULT_LOCALE,
        )
    return email


async def reset_link(settings: Settings, email: str) -> str:
    """A one-time link, or its path when TONGXIN_PUBLIC_URL is not set.  Raises NOT_FOUND."""
    email = normal_email(email)
    async with open_database(settings) as database:
        accounts = AccountRepository(database)
        if await accounts.credentials(email) is None:
            raise Refusal(Code.NOT_FOUND, f"no account has the address {email}")
        token, at = new_secret(), now_ms()
        await accounts.add_link(LinkKind.RESET, hash_token(token), at, at + RESET_LINK_MS, email=email)
    base = settings.public_url or f"http://localhost:{settings.http_port}"
    return f"{base}/reset?token={token}"


class RoomTokenMade(Struct, frozen=True):
    code: str
    token: str


async def room_token(
    settings: Settings, room: str, *, publish: bool, subscribe: bool, hours: int, name: str
) -> RoomTokenMade:
    """For the room with this code, which is made, without a host of its own, if there is none."""
    code = room.strip().lower().rpartition("/m/")[2]
    if not ROOM_CODE.fullmatch(code):
        raise invalid(room=FieldFault.INVALID)
    if not 1 <= hours <= HOURS_MAX:
        raise invalid(hours=FieldFault.INVALID)
    async with open_database(settings) as database:
        meetings, at = MeetingRepository(database), now_ms()
        meeting = await meetings.by_code(code) or await meetings.add(code, None, None, False, True, at, code)
        token, row = new_program_token(
            meeting, person_name(name), publish=publish, subscribe=subscribe, expires_at_ms=at + hours * 3_600_000
        )
        await meetings.add_token(hash_token(token), row, None, at)
    return RoomTokenMade(meeting.code, token)


async def examine(settings: Settings, language: Language) -> tuple[list[str], bool]:
    """(a line for each finding, whether any is a fault)."""
    found = [probes.data_folder(settings.data_dir)]
    if found[0].state is State.OK:
        database = await asyncio.to_thread(Database, settings.effective_database_url)
        try:
            found += await probes.database(database)
        finally:
            await database.close()
    found.append(await _redis(settings))
    tls = settings.tls_certificate is not None
    port, media_port = settings.http_port, settings.media_port
    running = port != 0 and (
        await probes.server_answers(settings.http_host, port, tls=tls)
        or await probes.server_answers(settings.http_host, port, tls=not tls)
    )
    advertised = advertised_addresses(settings.public_address, settings.media_address)
    alone = findings.is_this_machine(settings.http_host) and not settings.public_url
    found.append(probes.web_port(settings.http_host, port, ours=running))
    found.append(await probes.media_port(settings.media_address, media_port, advertised[0], running=running))
    if running:
        media_tcp: dict[str, str | int] = {"host": advertised[0], "port": media_port}
        found.append(findings.media_by_tcp(await answers_by_tcp(advertised[0], media_port), media_tcp))
        turn = TurnServers(settings.turn_urls, settings.turn_secret)
        found += await probes.relays(turn, advertised[0], media_port)
    if found[0].state is State.OK:
        found.append(await asyncio.to_thread(probes.disk, settings.data_dir))
    if settings.tls_certificate is not None:
        found.append(await asyncio.to_thread(probes.certificate, settings.tls_certificate))
    found.append(await asyncio.to_thread(probes.captions, settings.captions_model))
    found.append(
        findings.media_address(
            advertised, media_port, [str(one) for one in machine_addresses()], LOOPBACK if alone else ""
        )
    )
    url = settings.public_url or f"{'https' if tls else 'http'}://localhost"
    found.append(findings.https(url.startswith("https://"), url.partition("://")[2]))
    return _told(found, language)


async def examine_from_here(url: str, language: Language) -> tuple[list[str], bool]:
    """The same about a server elsewhere, as its visitors meet it."""
    return _told(await look_from_here(url), language)


def _told(found: Sequence[Finding], language: Language) -> tuple[list[str], bool]:
    return [in_words(one, language) for one in found], any(one.state is State.FAULT for one in found)


async def _redis(settings: Settings) -> Finding:
    embedded = None if settings.redis_url else EmbeddedValkey()
    try:
        if embedded is not None:
            await embedded.start()
        store = RedisStore(embedded.url if embedded is not None else settings.redis_url)
        try:
            await store.ping()
        finally:
            await store.close()
    except (StoreUnavailable, EmbeddedFailed) as error:
        return Finding(
            Check.REDIS, State.FAULT, Sentence.REDIS_AWAY, Cure.START_REDIS, {"cause": str(error).rstrip(".")}
        )
    finally:
        if embedded is not None:
            await embedded.close()
    return Finding(Check.REDIS, State.OK, Sentence.REDIS_EMBEDDED if embedded is not None else Sentence.REDIS_ANSWERS)
