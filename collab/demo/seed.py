"""`tongxin seed-demo`: an invented park to explore, in a database that has nobody yet."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from random import Random

from msgspec import Struct
from sqlalchemy import func, select, text

from collab.accounts.models import AccountRow
from collab.accounts.passwords import Passwords
from collab.db.engine import Database
from collab.files.store import Files
from collab.organizations.models import OrganizationRow
from collab.problems import Refusal
from collab.requests.models import RequestRow
from collab.requests.type_repository import TypeRepository
from collab.requests.types import ship_types
from rooms.core.codes import Code

from .films import write_films
from .names import PARK
from .people import Cast, Someone
from .write import LARGE, SMALL, write_park

FILM_SEED = 20_261_127
_CHIEF = f"admin@{PARK[1]}.example"


class SignIn(Struct, frozen=True):
    zh: str  # what this person is
    en: str
    someone: Someone


class Seeded(Struct, frozen=True):
    organizations: int
    people: int
    requests: int
    sign_ins: tuple[SignIn, ...]  # () when the park was there already
    password: str


async def seed_demo(
    database: Database,
    files: Files,
    passwords: Passwords,
    now_ms: int,
    *,
    large: bool,
    password: str,
    tell: Callable[[int], None],
) -> Seeded:
    """Again it changes nothing.  Raises CONFLICT where people are who are not invented, INVALID for a weak password."""
    async with database.read() as session:
        people = await session.scalar(select(func.count()).select_from(AccountRow)) or 0
        there = await session.scalar(select(AccountRow.id).where(AccountRow.email == _CHIEF))
    if there is not None:
        return await _counted(database, (), "")
    if people:
        raise Refusal(
            Code.CONFLICT, f"there are {people} accounts already, and a demo park goes into an empty database"
        )
    password = password or secrets.token_urlsafe(9)
    hashed = await passwords.new_hash(password)
    await ship_types(TypeRepository(database))

    def hashes(cast: Cast) -> Mapping[str, str]:
        """One for all: whoever knows it is everybody."""
        return {one.someone.id: hashed for one in sign_ins(cast)}

    cast = await write_park(database, LARGE if large else SMALL, now_ms, tell=tell, hashes=hashes)
    await write_films(database, files, Random(FILM_SEED))  # noqa: S311 -- an invented park
    if database.engine.dialect.name == "postgresql":
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
    return await _counted(database, sign_ins(cast), password)


def sign_ins(cast: Cast) -> tuple[SignIn, ...]:
    """One of each kind of person whom the park knows."""
    company, second = cast.of(cast.companies[0]), cast.of(cast.companies[1])
    installer, bank, fund = cast.of(cast.installers[0]), cast.of(cast.banks[0]), cast.of(cast.banks[2])
    return (
        SignIn("园区管理员", "administrator of the park", cast.chief),
        SignIn("园区服务专员", "officer of the park", cast.officers[0]),
        SignIn("园区服务专员（同事）", "another officer", cast.officers[1]),
        SignIn("现场服务队员", "service team on site", cast.team[0]),
        SignIn("企业管理员", "administrator of a company", company[0]),
        SignIn("企业工程师", "engineer of that company", company[1]),
        SignIn("另一家企业管理员", "administrator of another company", second[0]),
        SignIn("安装商管理员", "administrator of an installer", installer[0]),
        SignIn("安装商工程师（英文界面）", "engineer of that installer (English)", installer[1]),
        SignIn("银行", "a bank", bank[0]),
        SignIn("基金", "a fund", fund[0]),
    )


async def _counted(database: Database, shown: tuple[SignIn, ...], password: str) -> Seeded:
    async with database.read() as session:
        organizations, people, requests = [
            await session.scalar(select(func.count()).select_from(table)) or 0
            for table in (OrganizationRow, AccountRow, RequestRow)
        ]
    return Seeded(organizations, people, requests, shown, password)
