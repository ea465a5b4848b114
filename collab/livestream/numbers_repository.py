"""What was kept of an audience, read for its numbers and exports, some at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, TypeVar

from sqlalchemy import func, select

from collab.db.engine import Database

from .models import (
    LivestreamAnswerRow,
    LivestreamBeatRow,
    LivestreamMessageRow,
    LivestreamPollRow,
    LivestreamQuestionRow,
    LivestreamRegistrationRow,
    LivestreamVisitRow,
    LivestreamVoteRow,
)
from .numbers import Stay

PAGE: Final = 1_000
STAYS_MAX: Final = 200_000

_Row = TypeVar("_Row", LivestreamMessageRow, LivestreamRegistrationRow)


class NumbersRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def stays(self, livestream_id: str, now_ms: int, fresh_ms: int) -> list[Stay]:
        """Who is still there stays until now; who was on a node that is not heard any more, until it was last heard."""
        beats = select(LivestreamBeatRow.node, LivestreamBeatRow.at_ms).where(
            LivestreamBeatRow.livestream_id == livestream_id
        )
        visits = (
            select(LivestreamVisitRow)
            .where(LivestreamVisitRow.livestream_id == livestream_id)
            .order_by(LivestreamVisitRow.joined_at_ms)
            .limit(STAYS_MAX)
        )
        async with self._database.read() as session:
            heard = {
                node: now_ms if now_ms - at_ms < fresh_ms else at_ms
                for node, at_ms in (await session.execute(beats)).all()
            }
            return [
                Stay(
                    row.viewer_id,
                    row.name,
                    row.group_id,
                    row.joined_at_ms,
                    row.left_at_ms or max(row.joined_at_ms, heard.get(row.node, row.joined_at_ms)),
                )
                for row in await session.scalars(visits)
            ]

    async def counts(self, livestream_id: str) -> tuple[int, int, int]:
        """(messages, questions, polls)."""
        counted = []
        async with self._database.read() as session:
            for table in (LivestreamMessageRow, LivestreamQuestionRow, LivestreamPollRow):
                query = select(func.count()).select_from(table).where(table.livestream_id == livestream_id)
                counted.append(await session.scalar(query) or 0)
        return counted[0], counted[1], counted[2]

    def messages(self, livestream_id: str) -> AsyncIterator[list[LivestreamMessageRow]]:
        return self._pages(LivestreamMessageRow, livestream_id)

    async def questions(self, livestream_id: str) -> list[tuple[LivestreamQuestionRow, int]]:
        votes = (
            select(LivestreamVoteRow.question_id, func.count().label("votes"))
            .group_by(LivestreamVoteRow.question_id)
            .subquery()
        )
        query = (
            select(LivestreamQuestionRow, votes.c.votes)
            .outerjoin(votes, votes.c.question_id == LivestreamQuestionRow.id)
            .where(LivestreamQuestionRow.livestream_id == livestream_id)
            .order_by(LivestreamQuestionRow.id)
        )
        async with self._database.read() as session:
            return [(row, votes or 0) for row, votes in (await session.execute(query)).all()]

    async def polls(self, livestream_id: str) -> list[tuple[LivestreamPollRow, list[LivestreamAnswerRow]]]:
        query = select(LivestreamPollRow).where(LivestreamPollRow.livestream_id == livestream_id)
        async with self._database.read() as session:
            polls = (await session.scalars(query.order_by(LivestreamPollRow.id))).all()
            answers = (
                await session.scalars(
                    select(LivestreamAnswerRow).where(LivestreamAnswerRow.poll_id.in_([one.id for one in polls]))
                )
            ).all()
        return [(poll, [one for one in answers if one.poll_id == poll.id]) for poll in polls]

    def registrations(self, livestream_id: str) -> AsyncIterator[list[LivestreamRegistrationRow]]:
        return self._pages(LivestreamRegistrationRow, livestream_id)

    async def _pages(self, table: type[_Row], livestream_id: str) -> AsyncIterator[list[_Row]]:
        """All of a livestream's, PAGE at a time: exports hold no more in memory."""
        after = ""
        while True:
            query = select(table).where(table.livestream_id == livestream_id, table.id > after)
            async with self._database.read() as session:
                rows = list((await session.scalars(query.order_by(table.id).limit(PAGE))).all())
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            after = rows[-1].id
