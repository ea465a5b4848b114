"""Announcements: written, sent out at once or at a time, changed, withdrawn; read, and counted who has.

What one neither wrote for nor was reached by does not exist for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from collab.accounts.models import Member
from collab.edge.uploads import Received
from collab.files.documents import keep_document
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.organizations.models import OrganizationKind
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_lines, clean_name

from .clock import AnnouncementClock
from .models import (
    FILE_NAME_MAX_CHARS,
    TEXT_MAX_CHARS,
    TITLE_MAX_CHARS,
    Announcement,
    AnnouncementState,
    Attachment,
    Audience,
    Line,
    Reach,
    Reader,
    Receipt,
    Tally,
    Version,
)
from .receipts import ReceiptRepository
from .repository import FILES_MAX, AnnouncementRepository, Author, Written
from .rules import FROM, Action, checked, may_write, publishes_for, sees

DAY_MS: Final = 86_400_000
AHEAD_MAX_MS: Final = 366 * DAY_MS
FILE_MAX_BYTES: Final = 30_000_000
CHANGES_OF_ACCOUNT: Final = rate("announcement_changes", burst=60, per_minute=30)
PUBLISHED_BY_ACCOUNT: Final = rate("announcements_published", burst=10, per_minute=0.5)
READS_OF_ACCOUNT: Final = rate("announcement_reads", burst=120, per_minute=60)

log = structlog.get_logger("announcements")


class Inboxes(Protocol):
    """notices/delivery.py."""

    async def tell(self, account_ids: Sequence[str]) -> None: ...


class Seen:
    """An announcement with what the asker has read of it."""

    def __init__(self, announcement: Announcement, receipt: Receipt | None, writes: bool) -> None:
        self.announcement = announcement
        self.receipt = receipt
        self.writes = writes


class AnnouncementService:
    def __init__(
        self,
        announcements: AnnouncementRepository,
        receipts: ReceiptRepository,
        clock: AnnouncementClock,
        files: Files,
        inboxes: Inboxes,
        limits: Limits,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._announcements = announcements
        self._receipts = receipts
        self._clock = clock
        self._files = files
        self._inboxes = inboxes
        self._limits = limits
        self._nudge = nudge
        self._clock_ms = clock_ms

    # ------------------------------------------------------------ reading

    async def page(self, by: Member, before: str, limit: int, *, unread_only: bool) -> tuple[list[Line], bool, int]:
        """(announcements, whether there are more, how many are unread at all).  Two queries."""
        mine = by.account.id, by.organization_ids
        found = await self._receipts.page(*mine, before, limit + 1, unread_only=unread_only)
        return found[:limit], len(found) > limit, await self._receipts.unread(*mine)

    async def seen(self, by: Member, announcement_id: str) -> Seen:
        """Raises NOT_FOUND for what is not theirs, as for what there is not."""
        found = await self._announcements.get(announcement_id, by.account.id)
        if found is None or not sees(by, *found):
            raise Refusal(Code.NOT_FOUND, "no announcement of theirs")
        announcement, receipt = found
        return Seen(announcement, receipt, may_write(by, announcement.organization.id))

    async def read(self, by: Member, announcement_id: str, version: int) -> Seen:
        """They have seen this version.  Of what has a newer one by now, the newer stays unread."""
        announcement = (await self.seen(by, announcement_id)).announcement
        await self._limits.take(READS_OF_ACCOUNT, by.account.id)
        if announcement.state is not AnnouncementState.PUBLISHED or version > announcement.version:
            raise Refusal(Code.WRONG_STATE, "nothing to read")
        if await self._receipts.mark_read(announcement_id, by.account.id, version, self._clock_ms()):
            await self._inboxes.tell([by.account.id])  # the person's other pages
        return await self.seen(by, announcement_id)

    async def file(self, by: Member, announcement_id: str, key: str) -> Attachment:
        seen = await self.seen(by, announcement_id)
        if seen.writes or seen.announcement.state is AnnouncementState.PUBLISHED:
            for one in seen.announcement.files:
                if one.key == key:
                    return one
        raise Refusal(Code.NOT_FOUND, "no such file")

    # ------------------------------------------------------------ writing

    async def written(
        self, by: Member, state: AnnouncementState | None, before: str, limit: int
    ) -> tuple[list[Line], bool]:
        """Of all for whom they announce.  One query."""
        publishers = publishes_for(by)
        if not publishers:
            return [], False
        found = await self._receipts.written(publishers, state, before, limit + 1)
        return found[:limit], len(found) > limit

    async def reach(self, by: Member, organization_id: str, audience: Audience) -> Reach:
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        return await self._announcements.reach(await self._checked(by, organization_id, audience))

    async def draft(self, by: Member, organization_id: str, title: str, text: str, audience: Audience) -> Seen:
        """Raises FORBIDDEN, INVALID."""
        audience = await self._checked(by, organization_id, audience)
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        written = Written(_title(title), clean_lines(text, TEXT_MAX_CHARS), audience)
        added = await self._announcements.add(organization_id, _author(by), written, self._clock_ms())
        return await self.seen(by, added)

    async def edit(
        self, by: Member, announcement_id: str, revision: int, title: str, text: str, audience: Audience
    ) -> Seen:
        announcement = await self._to_change(by, announcement_id, Action.EDIT)
        audience = await self._checked(by, announcement.organization.id, audience)
        written = Written(_title(title), clean_lines(text, TEXT_MAX_CHARS), audience)
        return await self._changed(
            by,
            announcement_id,
            await self._announcements.edit(announcement_id, revision, written, self._clock_ms()),
        )

    async def remove(self, by: Member, announcement_id: str) -> None:
        await self._to_change(by, announcement_id, Action.DELETE)
        if not await self._announcements.remove(announcement_id):
            raise Refusal(Code.WRONG_STATE, "no draft any more")

    async def publish(self, by: Member, announcement_id: str, revision: int, at_ms: int) -> Seen:
        """`at_ms` 0: now.  Raises INVALID for an empty one, one to nobody, and a time that is over or far away."""
        announcement = await self._to_change(by, announcement_id, Action.SCHEDULE)
        now_ms = self._clock_ms()
        if at_ms and not now_ms <= at_ms <= now_ms + AHEAD_MAX_MS:
            raise invalid(at_ms=FieldFault.INVALID)
        if not announcement.text:
            raise invalid(text=FieldFault.REQUIRED)
        audience = await self._checked(by, announcement.organization.id, announcement.audience)
        if not (await self._announcements.reach(audience)).people:
            raise invalid(audience=FieldFault.INVALID)
        await self._limits.take(PUBLISHED_BY_ACCOUNT, by.account.id)
        done = await self._announcements.schedule(announcement_id, revision, at_ms or now_ms, now_ms)
        if done and at_ms:
            self._clock.set(announcement_id, at_ms)
        elif done:
            await self._clock.publish(announcement_id)
        return await self._changed(by, announcement_id, done)

    async def unschedule(self, by: Member, announcement_id: str, revision: int) -> Seen:
        """A draft again."""
        await self._to_change(by, announcement_id, Action.UNSCHEDULE)
        done = await self._announcements.unschedule(announcement_id, revision, self._clock_ms())
        return await self._changed(by, announcement_id, done)

    async def revise(
        self, by: Member, announcement_id: str, revision: int, title: str, text: str, *, tell: bool
    ) -> Seen:
        """A new version; with `tell` everybody is asked to read it."""
        announcement = await self._to_change(by, announcement_id, Action.REVISE)
        if announcement.revision != revision:
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        title, text = _title(title), clean_lines(text, TEXT_MAX_CHARS)
        if not text:
            raise invalid(text=FieldFault.REQUIRED)
        if tell:
            await self._limits.take(PUBLISHED_BY_ACCOUNT, by.account.id)
        at_ms = self._clock_ms()
        done = await self._announcements.revise(announcement, _author(by), title, text, at_ms, tell=tell)
        self._nudge()
        return await self._changed(by, announcement_id, done)

    async def withdraw(self, by: Member, announcement_id: str, revision: int) -> Seen:
        announcement = await self._to_change(by, announcement_id, Action.WITHDRAW)
        if announcement.revision != revision:
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        done = await self._announcements.withdraw(announcement, self._clock_ms())
        self._nudge()
        log.info("announcement_withdrawn", announcement=announcement_id, by=by.account.id)
        return await self._changed(by, announcement_id, done)

    # ------------------------------------------------------------ receipts

    async def receipts(
        self, by: Member, announcement_id: str, after: str, limit: int, *, read: bool | None
    ) -> tuple[Announcement, list[Reader], list[Tally]]:
        """One reader more than asked for where there are more.  For its publisher only."""
        announcement = await self._mine(by, announcement_id)
        readers = await self._receipts.readers(announcement, after, limit + 1, read=read)
        return announcement, readers, await self._receipts.tallies(announcement)

    async def versions(self, by: Member, announcement_id: str) -> list[Version]:
        return await self._announcements.versions((await self._mine(by, announcement_id)).id)

    async def remind(self, by: Member, announcement_id: str) -> int:
        """Those who have not read it; how many.  RATE_LIMITED within a day of the last time or of going out."""
        announcement = await self._to_change(by, announcement_id, Action.REMIND)
        at_ms = self._clock_ms()
        last_ms = max(announcement.reminded_at_ms, announcement.published_at_ms)
        wait_ms = last_ms + DAY_MS - at_ms
        count = None if wait_ms > 0 else await self._receipts.remind(announcement, at_ms, DAY_MS)
        if count is None:
            raise Refusal(Code.RATE_LIMITED, "reminded today", retry_after_ms=max(wait_ms, 1_000))
        self._nudge()
        return count

    # ------------------------------------------------------------ files

    async def bringing(self, by: Member, announcement_id: str) -> None:
        """Asked before a byte of the upload is read."""
        announcement = await self._to_change(by, announcement_id, Action.EDIT)
        if len(announcement.files) >= FILES_MAX:
            raise Refusal(Code.TOO_MANY, "files")

    async def keep_file(self, by: Member, announcement_id: str, key: str, name: str, upload: Received) -> Seen:
        """Raises BAD_FILE, TOO_LARGE, TOO_MANY."""
        stored = await keep_document(self._files, upload)
        file_name = clean_name(name, FILE_NAME_MAX_CHARS) or "file"
        file = Attachment(key, stored.sha256, stored.media_type, stored.size_bytes, file_name)
        if not await self._announcements.add_file(announcement_id, file, self._clock_ms()):
            raise Refusal(Code.TOO_MANY, "files, or no draft any more")
        return await self.seen(by, announcement_id)

    async def remove_file(self, by: Member, announcement_id: str, key: str) -> Seen:
        await self._to_change(by, announcement_id, Action.EDIT)
        await self._announcements.remove_file(announcement_id, key)
        return await self.seen(by, announcement_id)

    # ------------------------------------------------------------ rules

    async def _mine(self, by: Member, announcement_id: str) -> Announcement:
        """Raises NOT_FOUND, and FORBIDDEN for those whom it only reached."""
        seen = await self.seen(by, announcement_id)
        if not seen.writes:
            raise Refusal(Code.FORBIDDEN, "a reader")
        return seen.announcement

    async def _to_change(self, by: Member, announcement_id: str, action: Action) -> Announcement:
        announcement = await self._mine(by, announcement_id)
        if announcement.state is not FROM[action]:
            raise Refusal(Code.WRONG_STATE, f"{action} of one that is {announcement.state}")
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        return announcement

    async def _changed(self, by: Member, announcement_id: str, done: bool) -> Seen:
        if not done:
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        return await self.seen(by, announcement_id)

    async def _checked(self, by: Member, organization_id: str, audience: Audience) -> Audience:
        if not may_write(by, organization_id):
            raise Refusal(Code.FORBIDDEN, "does not announce for it")
        is_park = any(
            one.organization.kind is OrganizationKind.PARK
            for one in by.memberships
            if one.organization.id == organization_id
        )
        right = checked(audience, organization_id, is_park)
        if is_park and await self._announcements.known(right.organization_ids) != len(right.organization_ids):
            raise invalid(audience=FieldFault.INVALID)
        return right


def _author(by: Member) -> Author:
    return Author(by.account.id, by.account.name)


def _title(raw: str) -> str:
    title = clean_name(raw, TITLE_MAX_CHARS)
    if not title:
        raise invalid(title=FieldFault.REQUIRED)
    return title
