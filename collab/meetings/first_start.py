"""What a new installation begins with: a meeting to try, and the link that makes the first administrator."""

from __future__ import annotations

from msgspec import Struct

from collab.accounts.service import AccountService
from collab.clock import now_ms
from rooms.core.model import Phase

from .repository import MeetingRepository

READY_TITLE = "同心 · Tongxin"


class FirstLinks(Struct, frozen=True):
    """Paths to print at the start; "" when there is none."""

    setup: str
    meeting: str


async def first_links(accounts: AccountService, meetings: MeetingRepository) -> FirstLinks:
    """At every start: the set-up link as long as there is no administrator, the ready meeting as long as it is open."""
    await meetings.first_start(READY_TITLE, now_ms())
    setup_needed = await accounts.setup_needed()
    ready = await meetings.ready_meeting()
    usable = ready is not None and ready.phase is Phase.OPEN and not ready.trashed_at_ms
    if setup_needed and not usable:
        await meetings.renew_ready_meeting(READY_TITLE, now_ms())
        ready = await meetings.ready_meeting()
        usable = ready is not None
    return FirstLinks(
        setup=f"/setup?token={await accounts.make_setup_token()}" if setup_needed else "",
        meeting=f"/m/{ready.code}" if ready is not None and usable else "",
    )
