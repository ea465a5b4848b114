"""Service officers put together once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.assist.jobs import JobService
from collab.db.engine import Database
from collab.requests.parties import Reach

from .board import BoardRepository
from .repository import OfficerRepository
from .service import OfficerService


def officers_of(
    database: Database,
    accounts: AccountRepository,
    jobs: JobService,
    request_reach: Callable[[Member], Awaitable[Reach]],
    nudge: Callable[[], None],
    clock_ms: Callable[[], int],
) -> OfficerService:
    return OfficerService(
        database,
        OfficerRepository(database),
        BoardRepository(database),
        accounts,
        jobs,
        request_reach,
        nudge,
        clock_ms,
    )
