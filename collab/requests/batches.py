"""One decision over hundreds of requests: each item is a move of its own, with a result of its own.

An item is written in the same transaction as its move: whoever runs a batch again, or beside another, does nothing
twice, and goes on where the other was interrupted.  What is refused for one item is kept with it and stops no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog
from msgspec.structs import replace

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.db.engine import Database, is_away
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_chat

from .batch_repository import BatchRepository
from .parties import Reach
from .repository import RequestRepository, Step
from .service import RequestService, Seen, Wish, seen_by
from .states import DECISIONS, OWNED, Action, State
from .telling import Outbox
from .values import Batch, BatchItem, Named, Request

ITEMS_MAX: Final = 500
ACTIONS: Final = (Action.TAKE, Action.APPROVE, Action.REJECT, Action.ANSWER, Action.FINISH)
ATTEMPTS: Final = 4

BATCHES_OF_ACCOUNT = rate("request_batches", burst=20, per_minute=4)

log = structlog.get_logger("requests")


class BatchService:
    def __init__(
        self,
        database: Database,
        batches: BatchRepository,
        requests: RequestRepository,
        service: RequestService,
        accounts: AccountRepository,
        outbox: Outbox,
        limits: Limits,
        clock_ms: Callable[[], int],
        soon: Callable[[str], None],
    ) -> None:
        self._database = database
        self._batches = batches
        self._requests = requests
        self._service = service
        self._accounts = accounts
        self._outbox = outbox
        self._limits = limits
        self._clock_ms = clock_ms
        self._soon = soon

    # ------------------------------------------------------------ for those who ask

    async def start(self, by: Member, key: str, action: Action, note: str, request_ids: tuple[str, ...]) -> Batch:
        """The same key again gives the batch that it made.  Raises FORBIDDEN for who is not of the desk, INVALID."""
        if (known := await self._batches.by_key(by.account.id, key)) is not None:
            return known
        reach = await self._service.reach(by)
        if not (reach.desk or reach.groups):
            raise Refusal(Code.FORBIDDEN, "not of the desk")
        if action not in ACTIONS:
            raise invalid(action=FieldFault.INVALID)
        words = clean_chat(note) or ""
        if action is Action.REJECT and not words:
            raise invalid(note=FieldFault.REQUIRED)
        await self._limits.take(BATCHES_OF_ACCOUNT, by.account.id)
        ids = tuple(dict.fromkeys(request_ids))
        made = await self._batches.add(by.account.id, key, action, words, ids, self._clock_ms())
        self._soon(made.id)
        return made

    async def seen(self, by: Member, key: str) -> tuple[Batch, list[BatchItem]]:
        """One's own.  Raises NOT_FOUND."""
        found = await self._batches.by_key(by.account.id, key)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such batch")
        return found, await self._batches.items(found.id)

    # ------------------------------------------------------------ for the job

    async def run_all(self) -> int:
        """Whatever is under way, also of a process that was killed; how many were brought to their end."""
        unfinished = await self._batches.unfinished()
        for batch in unfinished:
            await self.run(batch.id)
        return len(unfinished)

    async def run(self, batch_id: str) -> None:
        """Every item that waits, then the end."""
        batch = await self._batches.get(batch_id)
        if batch is None or batch.finished_at_ms:
            return
        member = await self._accounts.member(batch.created_by)
        reach = await self._service.reach(member) if member else None
        for item in await self._batches.waiting(batch_id):
            if member is None or reach is None or not (reach.desk or reach.groups):  # left the desk meanwhile
                await self._batches.refuse(batch_id, item.position, Code.FORBIDDEN, self._clock_ms())
            else:
                await self._run(member, reach, batch, item)
        await self._batches.finish(batch_id, self._clock_ms())
        self._outbox.nudge()
        log.info("request_batch_done", batch=batch_id, by=batch.created_by, items=batch.total)

    async def _run(self, by: Member, reach: Reach, batch: Batch, item: BatchItem) -> None:
        code = Code.CONFLICT
        for _attempt in range(ATTEMPTS):
            try:
                if await self._moved(by, reach, batch, item):
                    return
            except Refusal as refusal:
                code = refusal.code
                break
            except Exception as error:
                if is_away(error):
                    raise
                log.exception("request_batch_item_failed", batch=batch.id, request=item.request_id)
                code = Code.INTERNAL
                break
        await self._batches.refuse(batch.id, item.position, code, self._clock_ms())

    async def _moved(self, by: Member, reach: Reach, batch: Batch, item: BatchItem) -> bool:
        """Whether the item is done: by us now, or by another before.  Raises Refusal."""
        seen = await self._service.seen_within(reach, item.request_id)
        steps: list[Step] = []
        if batch.action in DECISIONS and seen.request.state in (State.SUBMITTED, State.REOPENED):
            steps += await self._service.steps(by, reach, seen, Wish(action=Action.TAKE))
            seen = seen_by(reach, after(seen.request, steps[-1], by), seen.version)
        steps += await self._service.steps(by, reach, seen, Wish(action=batch.action, note=batch.note))
        return await self._write(batch, item, seen, steps)

    async def _write(self, batch: Batch, item: BatchItem, seen: Seen, steps: list[Step]) -> bool:
        before = replace(seen.request, revision=steps[0].event.number - 1)
        tell = await self._service.telling(before, steps)
        async with self._database.write() as session:
            if not await self._batches.claim(session, batch.id, item.position, self._clock_ms()):
                return True
            if await self._requests.move_within(session, before, steps):
                await tell(session)
                return True
            await session.rollback()  # somebody moved it meanwhile: the item waits again
        return False


def after(request: Request, step: Step, by: Member) -> Request:
    """A request as it will be once this step of `by` is written."""
    situation, times = step.situation, step.times
    owner = request.owner
    if situation.state in OWNED and situation.owner_id == by.account.id:
        owner = Named(by.account.id, by.account.name)
    return replace(
        request,
        state=situation.state,
        outcome=situation.outcome,
        step=situation.step,
        owner=owner,
        offered_to=None,
        escalations=situation.escalations,
        revision=step.event.number,
        submitted_at_ms=times.submitted_at_ms,
        taken_at_ms=times.taken_at_ms,
        due_at_ms=times.due_at_ms,
        left_ms=times.left_ms,
        decided_at_ms=times.decided_at_ms,
        alarm_at_ms=times.alarm_at_ms,
        filed_day=times.filed_day,
    )
