"""Templates, runs, signatures and reports in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.problems import Refusal
from rooms.core.assist_model import AssistRole
from rooms.core.codes import Code

from .models import (
    Answered,
    AnswerRow,
    KeptReport,
    ReportRow,
    Run,
    RunRow,
    SignatureRow,
    SignedBy,
    Template,
    TemplateRow,
    TemplateVersionRow,
    Version,
)
from .steps import Answer, Step, Stroke, newer

RUNS_MAX: Final = 50  # of one session
VERSIONS_MAX: Final = 500

_templates: Select[TemplateRow, str, str, str] = (
    select(TemplateRow, OrganizationRow.name, OrganizationRow.kind, TemplateVersionRow.steps)
    .join(OrganizationRow, OrganizationRow.id == TemplateRow.organization_id)
    .join(
        TemplateVersionRow,
        (TemplateVersionRow.template_id == TemplateRow.id) & (TemplateVersionRow.version == TemplateRow.version),
    )
)


class InstructionRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ templates

    async def add_template(
        self, organization_id: str, title: str, steps: Sequence[Step], by: str, name: str, at_ms: int
    ) -> Template:
        row = TemplateRow(
            id=new_id(at_ms),
            organization_id=organization_id,
            title=title,
            version=1,
            created_by=by,
            created_at_ms=at_ms,
            changed_at_ms=at_ms,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            session.add(_version(row.id, 1, steps, name, at_ms))
        found = await self.template(row.id)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "deleted at once")
        return found

    async def template(self, template_id: str) -> Template | None:
        async with self._database.read() as session:
            found = (await session.execute(_templates.where(TemplateRow.id == template_id))).one_or_none()
        return _template(*found) if found else None

    async def templates(
        self, organization_ids: Sequence[str], before: str, limit: int, *, archived: bool
    ) -> list[Template]:
        """Those of these organizations and of the park, which are for everybody; the newest first."""
        query = _templates.where(
            or_(TemplateRow.organization_id.in_(organization_ids), OrganizationRow.kind == OrganizationKind.PARK),
            TemplateRow.archived.is_(archived),
        )
        if before:
            query = query.where(TemplateRow.id < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(TemplateRow.id.desc()).limit(limit))).all()
        return [_template(*row) for row in rows]

    async def add_version(
        self, template_id: str, based_on: int, title: str, steps: Sequence[Step], name: str, at_ms: int
    ) -> None:
        """Raises CONFLICT when somebody else has written a version meanwhile, TOO_MANY."""
        async with self._database.write() as session:
            changed = await session.execute(
                update(TemplateRow)
                .where(TemplateRow.id == template_id, TemplateRow.version == based_on)
                .values(version=based_on + 1, title=title, changed_at_ms=at_ms)
            )
            if not getattr(changed, "rowcount", 0):
                raise Refusal(Code.CONFLICT, f"not based on the latest version: {based_on}")
            if based_on >= VERSIONS_MAX:
                raise Refusal(Code.TOO_MANY, "versions")
            session.add(_version(template_id, based_on + 1, steps, name, at_ms))

    async def set_archived(self, template_id: str, archived: bool, at_ms: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(TemplateRow).where(TemplateRow.id == template_id).values(archived=archived, changed_at_ms=at_ms)
            )

    async def versions(self, template_id: str) -> list[Version]:
        query = select(TemplateVersionRow).where(TemplateVersionRow.template_id == template_id)
        async with self._database.read() as session:
            rows = (await session.scalars(query.order_by(TemplateVersionRow.version.desc()))).all()
        return [Version(row.version, row.name, row.made_at_ms, _steps(row.steps)) for row in rows]

    # ------------------------------------------------------------ runs

    async def begin(
        self,
        session_id: str,
        run_id: str,
        *,
        template_id: str | None,
        version: int,
        title: str,
        steps: Sequence[Step],
        identity: str,
        name: str,
        at_ms: int,
    ) -> None:
        """Beginning the same run again changes nothing.  Raises TOO_MANY."""
        async with self._database.write() as session:
            begun = await insert_once(
                session,
                RunRow,
                session_id=session_id,
                id=run_id,
                template_id=template_id,
                version=version,
                title=title,
                steps=msgspec.json.encode(tuple(steps)).decode(),
                identity=identity,
                name=name,
                started_at_ms=at_ms,
            )
            runs = await session.scalar(select(func.count()).where(RunRow.session_id == session_id))
            if begun and (runs or 0) > RUNS_MAX:
                raise Refusal(Code.TOO_MANY, "runs in one session")

    async def runs(self, session_id: str) -> list[Run]:
        async with self._database.read() as session:
            runs = await session.scalars(
                select(RunRow).where(RunRow.session_id == session_id).order_by(RunRow.started_at_ms, RunRow.id)
            )
            answers = await session.scalars(
                select(AnswerRow)
                .where(AnswerRow.session_id == session_id)
                .order_by(AnswerRow.run_id, AnswerRow.step_id)
            )
            answered: dict[str, list[Answered]] = {}
            for row in answers.all():
                answered.setdefault(row.run_id, []).append(_answered(row))
            return [_run(row, answered.get(row.id, ())) for row in runs.all()]

    async def answer(
        self, session_id: str, run_id: str, step_id: str, answer: Answer, *, identity: str, name: str, at_ms: int
    ) -> Answered:
        """The later answer holds; what holds now comes back.  A changed answer takes one side's signature away.

        Raises WRONG_STATE when both sides have signed and the answer would change something.
        """
        key = {"session_id": session_id, "run_id": run_id, "step_id": step_id}
        async with self._database.write() as session:
            row = await session.get(AnswerRow, key)
            if row is not None and not newer(_answered(row).answer, answer):
                return _answered(row)
            if len(await _signatures(session, session_id)) > 1:
                raise Refusal(Code.WRONG_STATE, "both sides have signed")
            await session.execute(delete(SignatureRow).where(SignatureRow.session_id == session_id))
            if row is None:
                row = AnswerRow(**key)
                session.add(row)
            row.answer = msgspec.json.encode(answer).decode()
            row.identity, row.name, row.stored_at_ms = identity, name, at_ms
            return _answered(row)

    # ------------------------------------------------------------ signatures

    async def sign(
        self,
        session_id: str,
        part: AssistRole,
        *,
        name: str,
        organization: str,
        strokes: Sequence[Stroke],
        identity: str,
        at_ms: int,
    ) -> list[SignedBy]:
        """All signatures now.  One side's may be drawn again until the other has signed.  Raises WRONG_STATE."""
        async with self._database.write() as session:
            if len(await _signatures(session, session_id)) > 1:
                raise Refusal(Code.WRONG_STATE, "both sides have signed")
            await session.execute(
                delete(SignatureRow).where(SignatureRow.session_id == session_id, SignatureRow.part == part)
            )
            session.add(
                SignatureRow(
                    session_id=session_id,
                    part=part,
                    name=name,
                    organization=organization,
                    strokes=msgspec.json.encode(tuple(strokes)).decode(),
                    identity=identity,
                    signed_at_ms=at_ms,
                )
            )
            await session.flush()
            return await _signatures(session, session_id)

    async def signatures(self, session_id: str) -> list[SignedBy]:
        async with self._database.read() as session:
            return await _signatures(session, session_id)

    # ------------------------------------------------------------ reports

    async def add_report(self, report: KeptReport) -> None:
        async with self._database.write() as session:
            session.add(
                ReportRow(
                    id=report.id,
                    session_id=report.session_id,
                    number=report.number,
                    language=report.language,
                    pdf_sha256=report.pdf_sha256,
                    html_sha256=report.html_sha256,
                    chain=report.chain,
                    name=report.name,
                    made_at_ms=report.made_at_ms,
                )
            )

    async def reports(self, session_id: str) -> list[KeptReport]:
        query = select(ReportRow).where(ReportRow.session_id == session_id).order_by(ReportRow.id.desc())
        async with self._database.read() as session:
            rows = (await session.scalars(query)).all()
        return [
            KeptReport(
                row.id,
                row.session_id,
                row.number,
                row.language,
                row.pdf_sha256,
                row.html_sha256,
                row.chain,
                row.name,
                row.made_at_ms,
            )
            for row in rows
        ]


def _version(template_id: str, version: int, steps: Sequence[Step], name: str, at_ms: int) -> TemplateVersionRow:
    return TemplateVersionRow(
        template_id=template_id,
        version=version,
        steps=msgspec.json.encode(tuple(steps)).decode(),
        name=name,
        made_at_ms=at_ms,
    )


def _steps(stored: str) -> tuple[Step, ...]:
    return msgspec.json.decode(stored, type=tuple[Step, ...])


def _template(row: TemplateRow, organization: str, kind: str, steps: str) -> Template:
    return Template(
        row.id,
        row.organization_id,
        organization,
        kind == OrganizationKind.PARK,
        row.title,
        row.version,
        row.archived,
        _steps(steps),
        row.changed_at_ms,
    )


def _answered(row: AnswerRow) -> Answered:
    return Answered(row.step_id, msgspec.json.decode(row.answer, type=Answer), row.name, row.stored_at_ms)


def _run(row: RunRow, answers: Sequence[Answered]) -> Run:
    return Run(
        row.id,
        row.template_id,
        row.version,
        row.title,
        _steps(row.steps),
        tuple(answers),
        row.name,
        row.started_at_ms,
    )


async def _signatures(session: AsyncSession, session_id: str) -> list[SignedBy]:
    rows = await session.scalars(
        select(SignatureRow).where(SignatureRow.session_id == session_id).order_by(SignatureRow.signed_at_ms)
    )
    return [
        SignedBy(
            AssistRole(row.part),
            row.name,
            row.organization,
            msgspec.json.decode(row.strokes, type=tuple[Stroke, ...]),
            row.signed_at_ms,
        )
        for row in rows.all()
    ]
