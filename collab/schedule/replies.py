"""Answers by the link of a mail, without an account.

Looking answers nothing: programs that read mail open links, so the answer is a press of a button on the page.
"""

from __future__ import annotations

from collections.abc import Callable

from collab.accounts.service import hash_token
from collab.limits import Limits, rate
from collab.problems import Refusal
from rooms.core.codes import Code
from rooms.core.text import clean_lines

from .answers import AnswerRepository
from .mailing_repository import MailingRepository
from .models import NOTE_MAX_CHARS, EventState, InvitationAnswer
from .values import Event, Invitee

REPLIES_OF_ADDRESS = rate("replies_address", burst=60, per_minute=30)


class ReplyService:
    def __init__(
        self,
        mailings: MailingRepository,
        answers: AnswerRepository,
        limits: Limits,
        clock_ms: Callable[[], int],
        nudge: Callable[[], None],
    ) -> None:
        self._mailings = mailings
        self._answers = answers
        self._nudge = nudge
        self._limits = limits
        self._clock_ms = clock_ms

    async def invitation(self, token: str, address: str) -> tuple[Event, Invitee]:
        await self._limits.take(REPLIES_OF_ADDRESS, address)
        found = await self._mailings.by_link(hash_token(token))
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such invitation")
        return found

    async def answer(self, token: str, address: str, answer: InvitationAnswer, note: str) -> tuple[Event, Invitee]:
        event, invitee = await self.invitation(token, address)
        if event.state is EventState.CANCELLED:
            raise Refusal(Code.WRONG_STATE, "cancelled")
        if await self._answers.give(invitee.id, "", answer, clean_lines(note, NOTE_MAX_CHARS), self._clock_ms()):
            self._nudge()
        return await self.invitation(token, address)
