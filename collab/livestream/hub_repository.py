"""What is kept of an audience: loaded when a hub opens, written in batches while it runs.  One transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.base import Base
from collab.db.dialect import insert_once
from collab.db.engine import Database

from .hub_ops import (
    AnyOp,
    AskStage,
    Present,
    PutAnswer,
    PutHand,
    PutMessage,
    PutPoll,
    PutQuestion,
    Reacted,
    Reload,
    SetBan,
    SetPin,
    Spoken,
    Staged,
    Vote,
)
from .hub_state import MESSAGES_KEPT, POLLS_MAX, QUESTIONS_MAX
from .models import (
    HandState,
    LivestreamAnswerRow,
    LivestreamBanRow,
    LivestreamBeatRow,
    LivestreamHandRow,
    LivestreamMessageRow,
    LivestreamPollRow,
    LivestreamQuestionRow,
    LivestreamVisitRow,
    LivestreamVoteRow,
    MessageState,
    PollState,
    QuestionState,
)
from .records import Hand, Message, Poll, Question


class Came(Struct, frozen=True):
    """A stay begins."""

    visit_id: str
    viewer_id: str
    name: str
    group_id: str
    at_ms: int


class Left(Struct, frozen=True):
    visit_id: str
    at_ms: int


class HubRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, livestream_id: str, rooms: Sequence[str]) -> list[AnyOp]:
        """What makes an empty hub into this one."""
        ops: list[AnyOp] = []
        async with self._database.read() as session:
            for room in (*rooms, "*"):
                of_room = (
                    select(LivestreamMessageRow)
                    .where(
                        LivestreamMessageRow.livestream_id == livestream_id,
                        LivestreamMessageRow.room == room,
                        LivestreamMessageRow.state != MessageState.GONE,
                    )
                    .order_by(LivestreamMessageRow.id.desc())
                    .limit(MESSAGES_KEPT)
                )
                for row in reversed((await session.scalars(of_room)).all()):
                    ops.append(PutMessage(_message(row)))
                    if row.pinned:
                        ops.append(SetPin(row.room, row.id))
            questions = (
                select(LivestreamQuestionRow)
                .where(
                    LivestreamQuestionRow.livestream_id == livestream_id,
                    LivestreamQuestionRow.state != QuestionState.GONE,
                )
                .order_by(LivestreamQuestionRow.id)
                .limit(QUESTIONS_MAX)
            )
            asked = [_question(row) for row in await session.scalars(questions)]
            votes = select(LivestreamVoteRow).where(LivestreamVoteRow.question_id.in_([one.id for one in asked]))
            ops += [Vote(row.question_id, row.viewer_id, True) for row in await session.scalars(votes)]
            ops += [PutQuestion(one) for one in asked]
            of_polls = select(LivestreamPollRow).where(LivestreamPollRow.livestream_id == livestream_id)
            polls = [
                _poll(row) for row in await session.scalars(of_polls.order_by(LivestreamPollRow.id).limit(POLLS_MAX))
            ]
            answers = select(LivestreamAnswerRow).where(LivestreamAnswerRow.poll_id.in_([one.id for one in polls]))
            ops += [
                PutAnswer(row.poll_id, row.viewer_id, row.name, tuple(row.choices), row.at_ms)
                for row in await session.scalars(answers)
            ]
            ops += [PutPoll(one) for one in polls]
            hands = select(LivestreamHandRow).where(
                LivestreamHandRow.livestream_id == livestream_id, LivestreamHandRow.state != HandState.DOWN
            )
            ops += [PutHand(_hand(row)) for row in await session.scalars(hands)]
            bans = select(LivestreamBanRow).where(LivestreamBanRow.livestream_id == livestream_id)
            bans = bans.order_by(LivestreamBanRow.at_ms)
            ops += [SetBan(row.viewer_id, row.name, row.by, row.at_ms, True) for row in await session.scalars(bans)]
        return ops

    async def write(
        self, livestream_id: str, node: str, ops: Sequence[AnyOp], visits: Sequence[Came | Left], at_ms: int
    ) -> None:
        """All of it or nothing; again is harmless."""
        async with self._database.write() as session:
            for op in ops:
                await _write(session, livestream_id, op)
            for visit in visits:
                await _write_visit(session, livestream_id, node, visit)
            beat = await session.get(LivestreamBeatRow, (livestream_id, node))
            if beat is None:
                session.add(LivestreamBeatRow(livestream_id=livestream_id, node=node, at_ms=at_ms))
            else:
                beat.at_ms = at_ms


async def _write_visit(session: AsyncSession, livestream_id: str, node: str, visit: Came | Left) -> None:
    match visit:
        case Came():
            await insert_once(
                session,
                LivestreamVisitRow,
                id=visit.visit_id,
                livestream_id=livestream_id,
                viewer_id=visit.viewer_id,
                name=visit.name,
                group_id=visit.group_id,
                node=node,
                joined_at_ms=visit.at_ms,
                left_at_ms=0,
            )
        case Left():
            await session.execute(
                update(LivestreamVisitRow).where(LivestreamVisitRow.id == visit.visit_id).values(left_at_ms=visit.at_ms)
            )
        case _:
            assert_never(visit)


async def _write(session: AsyncSession, livestream_id: str, op: AnyOp) -> None:
    match op:
        case PutMessage(one):
            await _put(
                session,
                LivestreamMessageRow,
                one.id,
                {"state": one.state},
                livestream_id=livestream_id,
                room=one.room,
                viewer_id=one.viewer_id,
                name=one.name,
                role=one.role,
                text=one.text,
                pinned=False,
                at_ms=one.at_ms,
            )
        case SetPin(room, message_id):
            of_room = update(LivestreamMessageRow).where(
                LivestreamMessageRow.livestream_id == livestream_id, LivestreamMessageRow.room == room
            )
            await session.execute(of_room.where(LivestreamMessageRow.pinned).values(pinned=False))
            if message_id:
                await session.execute(of_room.where(LivestreamMessageRow.id == message_id).values(pinned=True))
        case PutQuestion(asked):
            await _put(
                session,
                LivestreamQuestionRow,
                asked.id,
                {"state": asked.state, "answer": asked.answer},
                livestream_id=livestream_id,
                room=asked.room,
                viewer_id=asked.viewer_id,
                name=asked.name,
                text=asked.text,
                at_ms=asked.at_ms,
            )
        case Vote(question_id, viewer_id, True):
            await insert_once(session, LivestreamVoteRow, question_id=question_id, viewer_id=viewer_id)
        case Vote(question_id, viewer_id, _):
            await session.execute(
                delete(LivestreamVoteRow).where(
                    LivestreamVoteRow.question_id == question_id, LivestreamVoteRow.viewer_id == viewer_id
                )
            )
        case PutPoll(poll):
            await _put(
                session,
                LivestreamPollRow,
                poll.id,
                {"state": poll.state},
                livestream_id=livestream_id,
                question=poll.question,
                options=list(poll.options),
                multiple=poll.multiple,
                at_ms=poll.at_ms,
            )
        case PutAnswer(poll_id, viewer_id, name, choices, at_ms):
            added = await insert_once(
                session,
                LivestreamAnswerRow,
                poll_id=poll_id,
                viewer_id=viewer_id,
                name=name,
                choices=list(choices),
                at_ms=at_ms,
            )
            if not added:
                await session.execute(
                    update(LivestreamAnswerRow)
                    .where(LivestreamAnswerRow.poll_id == poll_id, LivestreamAnswerRow.viewer_id == viewer_id)
                    .values(choices=list(choices), at_ms=at_ms)
                )
        case SetBan(viewer_id, name, by, at_ms, True):
            await insert_once(
                session,
                LivestreamBanRow,
                livestream_id=livestream_id,
                viewer_id=viewer_id,
                name=name,
                by=by,
                at_ms=at_ms,
            )
        case SetBan(viewer_id):
            await session.execute(
                delete(LivestreamBanRow).where(
                    LivestreamBanRow.livestream_id == livestream_id, LivestreamBanRow.viewer_id == viewer_id
                )
            )
        case PutHand() | Reacted() | Present() | Staged() | Spoken() | Reload() | AskStage():
            pass  # hands are written at once, by hand_repository.py; the others are of the moment
        case _:
            assert_never(op)


async def _put(
    session: AsyncSession, table: type[Base], row_id: str, changing: dict[str, object], **values: object
) -> None:
    """A new row, or what can change of it."""
    if not await insert_once(session, table, id=row_id, **changing, **values):
        key = table.__table__.c["id"]
        await session.execute(update(table).where(key == row_id).values(**changing))


def _message(row: LivestreamMessageRow) -> Message:
    return Message(
        id=row.id,
        room=row.room,
        viewer_id=row.viewer_id,
        name=row.name,
        role=row.role,
        text=row.text,
        at_ms=row.at_ms,
        state=MessageState(row.state),
    )


def _question(row: LivestreamQuestionRow) -> Question:
    return Question(
        id=row.id,
        room=row.room,
        viewer_id=row.viewer_id,
        name=row.name,
        text=row.text,
        at_ms=row.at_ms,
        state=QuestionState(row.state),
        answer=row.answer,
    )


def _poll(row: LivestreamPollRow) -> Poll:
    return Poll(
        id=row.id,
        question=row.question,
        options=tuple(row.options),
        multiple=row.multiple,
        state=PollState(row.state),
        at_ms=row.at_ms,
    )


def _hand(row: LivestreamHandRow) -> Hand:
    return Hand(
        viewer_id=row.viewer_id, name=row.name, state=HandState(row.state), at_ms=row.at_ms, identity=row.identity
    )
