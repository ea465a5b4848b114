"""Who may write templates, work through them, and sign; what others see of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from collab.accounts.models import Member
from collab.assist.jobs import JobService
from collab.assist.records import Asker
from collab.assist.sessions import Party, SessionService
from collab.assist.values import Session
from collab.clock import now_ms
from collab.limits import Limits, rate
from collab.meetings.live import LiveRooms
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.assist_model import AssistRole, RecordKind
from rooms.core.codes import Code
from rooms.core.commands import NoteRecord
from rooms.core.text import clean_name

from .models import Answered, Run, SignedBy, Template, Version
from .repository import InstructionRepository
from .steps import TITLE_MAX_CHARS, Answer, Step, Stroke, check_answer, check_steps

TEMPLATES_OF_ACCOUNT: Final = rate("templates", burst=60, per_minute=20)
ANSWERS_OF_PERSON: Final = rate("answers", burst=300, per_minute=120)  # after an hour without a network, all at once


class TemplateService:
    def __init__(self, instructions: InstructionRepository, limits: Limits) -> None:
        self._instructions = instructions
        self._limits = limits

    async def listed(self, by: Member, before: str, limit: int, *, archived: bool) -> tuple[list[Template], bool]:
        mine = by.organization_ids
        found = await self._instructions.templates(mine, before, limit + 1, archived=archived)
        return found[:limit], len(found) > limit

    async def seen(self, by: Member, template_id: str) -> Template:
        """One's own organization's, or the park's, which are for everybody."""
        found = await self._instructions.template(template_id)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such template")
        if not by.administers_park and not by.belongs_to(found.organization_id) and not found.of_park:
            raise Refusal(Code.FORBIDDEN, "another's template")
        return found

    def may_change(self, by: Member, template: Template) -> bool:
        return by.administers_park or by.belongs_to(template.organization_id)

    async def write(self, by: Member, organization_id: str, title: str, steps: Sequence[Step]) -> Template:
        """`organization_id` "" is the first that the writer belongs to."""
        await self._limits.take(TEMPLATES_OF_ACCOUNT, by.account.id)
        owner = organization_id or (by.memberships[0].organization.id if by.memberships else "")
        if not owner or not by.belongs_to(owner):
            raise Refusal(Code.FORBIDDEN, "not one's own organization")
        checked = check_steps(steps)
        return await self._instructions.add_template(
            owner, _title(title), checked, by.account.id, by.account.name, now_ms()
        )

    async def rewrite(self, by: Member, template_id: str, based_on: int, title: str, steps: Sequence[Step]) -> Template:
        """The next version.  Raises CONFLICT when somebody else has written one meanwhile."""
        await self._limits.take(TEMPLATES_OF_ACCOUNT, by.account.id)
        await self._changed(by, template_id)
        await self._instructions.add_version(
            template_id, based_on, _title(title), check_steps(steps), by.account.name, now_ms()
        )
        return await self.seen(by, template_id)

    async def archive(self, by: Member, template_id: str, archived: bool) -> Template:
        await self._changed(by, template_id)
        await self._instructions.set_archived(template_id, archived, now_ms())
        return await self.seen(by, template_id)

    async def versions(self, by: Member, template_id: str) -> list[Version]:
        await self.seen(by, template_id)
        return await self._instructions.versions(template_id)

    async def _changed(self, by: Member, template_id: str) -> None:
        if not self.may_change(by, await self.seen(by, template_id)):
            raise Refusal(Code.FORBIDDEN, "the park's template")


class RunService:
    """What is done in one session, by those who take part in it; observers look on."""

    def __init__(
        self,
        instructions: InstructionRepository,
        templates: TemplateService,
        sessions: SessionService,
        jobs: JobService,
        live: LiveRooms,
        limits: Limits,
    ) -> None:
        self._instructions = instructions
        self._templates = templates
        self._sessions = sessions
        self._jobs = jobs
        self._live = live
        self._limits = limits

    async def entered(self, asking: Asker, session_id: str) -> tuple[Session, Party]:
        return await self._sessions.entered(asking.member, asking.guest, session_id=session_id)

    async def runs(self, asking: Asker, session_id: str) -> tuple[list[Run], list[SignedBy]]:
        session, _ = await self.entered(asking, session_id)
        return await self._instructions.runs(session.id), await self._instructions.signatures(session.id)

    async def begin(
        self, asking: Asker, session_id: str, run_id: str, template_id: str, title: str, steps: Sequence[Step]
    ) -> Run:
        """By a template, or with steps of its own (numbered marks, one step each).  Again: the same run."""
        session, party = await self._working(asking, session_id)
        version = 0
        if template_id:
            if asking.member is None:
                raise Refusal(Code.FORBIDDEN, "templates are for members")
            template = await self._templates.seen(asking.member, template_id)
            title, steps, version = title or template.title, template.steps, template.version
        else:
            steps = check_steps(steps)
        await self._instructions.begin(
            session.id,
            run_id,
            template_id=template_id or None,
            version=version,
            title=_title(title),
            steps=steps,
            identity=party.identity,
            name=party.name,
            at_ms=now_ms(),
        )
        await self._tell(session, RecordKind.RUN, run_id)
        return await self._run(session, run_id)

    async def answer(self, asking: Asker, session_id: str, run_id: str, step_id: str, answer: Answer) -> Answered:
        """What holds now: a later answer that came before this one stays."""
        session, party = await self._working(asking, session_id)
        run = await self._run(session, run_id)
        step = next((step for step in run.steps if step.id == step_id), None)
        if step is None:
            raise Refusal(Code.NOT_FOUND, "no such step")
        held = await self._instructions.answer(
            session.id,
            run_id,
            step_id,
            check_answer(step, answer),
            identity=party.identity,
            name=party.name,
            at_ms=now_ms(),
        )
        await self._tell(session, RecordKind.RUN, run_id)
        return held

    async def sign(
        self, asking: Asker, session_id: str, name: str, organization: str, strokes: Sequence[Stroke]
    ) -> list[SignedBy]:
        """For one's own side.  With both the session's job is signed off, if it is in progress."""
        session, party = await self._working(asking, session_id)
        signer = clean_name(name)
        if not signer:
            raise invalid(name=FieldFault.REQUIRED)
        signed = await self._instructions.sign(
            session.id,
            party.role,
            name=signer,
            organization=clean_name(organization, TITLE_MAX_CHARS),
            strokes=strokes,
            identity=party.identity,
            at_ms=now_ms(),
        )
        if len(signed) > 1 and session.job_id is not None:
            await self._jobs.sign_off(session.job_id, signer)
        await self._tell(session, RecordKind.RUN, session.id)
        return signed

    async def _working(self, asking: Asker, session_id: str) -> tuple[Session, Party]:
        session, party = await self.entered(asking, session_id)
        if party.role is AssistRole.OBSERVER:
            raise Refusal(Code.FORBIDDEN, "an observer")
        await self._limits.take(ANSWERS_OF_PERSON, party.identity)
        return session, party

    async def _run(self, session: Session, run_id: str) -> Run:
        found = next((run for run in await self._instructions.runs(session.id) if run.id == run_id), None)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such run")
        return found

    async def _tell(self, session: Session, kind: RecordKind, record_id: str) -> None:
        await self._live.tell(session.meeting_id, NoteRecord(actor="", kind=kind, record_id=record_id))


def _title(raw: str) -> str:
    title = clean_name(raw, TITLE_MAX_CHARS)
    if not title:
        raise invalid(title=FieldFault.REQUIRED)
    return title
