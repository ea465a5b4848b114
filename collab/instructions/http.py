"""The endpoints of work instructions."""

from __future__ import annotations

from collab.accounts.models import Member
from collab.assist.record_http import asker
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import schemas
from .models import Answered, Run, SignedBy, Template
from .service import RunService, TemplateService

TEMPLATES = "/api/assist/templates"
RUNS = "/api/assist/sessions/{id}/runs"


class InstructionEndpoints:
    def __init__(self, templates: TemplateService, runs: RunService) -> None:
        self._templates = templates
        self._runs = runs

    def table(self) -> tuple[Endpoint, ...]:
        return (*self._template_rows(), *self._run_rows())

    def _template_rows(self) -> tuple[Endpoint, ...]:
        seen = (Code.FORBIDDEN, Code.NOT_FOUND)
        return (
            Endpoint(
                method="GET",
                path=TEMPLATES,
                access=Access.MEMBER,
                handler=self.list_templates,
                input=schemas.TemplatesQuery,
                output=schemas.TemplateList,
                about="Work instructions of one's organizations and of the park, newest first.",
            ),
            Endpoint(
                method="POST",
                path=TEMPLATES,
                access=Access.MEMBER,
                handler=self.write_template,
                input=schemas.NewTemplate,
                output=schemas.TemplateView,
                status=201,
                refusals=(Code.FORBIDDEN, Code.TOO_MANY, Code.RATE_LIMITED),
                about="Write a work instruction for one's organization.",
            ),
            Endpoint(
                method="GET",
                path=f"{TEMPLATES}/{{id}}",
                access=Access.MEMBER,
                handler=self.show_template,
                output=schemas.TemplateView,
                refusals=seen,
                about="A work instruction in its latest version.",
            ),
            Endpoint(
                method="PATCH",
                path=f"{TEMPLATES}/{{id}}",
                access=Access.MEMBER,
                handler=self.change_template,
                input=schemas.ChangeTemplate,
                output=schemas.TemplateView,
                refusals=seen,
                about="Put a work instruction away, or bring it back.",
            ),
            Endpoint(
                method="GET",
                path=f"{TEMPLATES}/{{id}}/versions",
                access=Access.MEMBER,
                handler=self.list_versions,
                output=schemas.VersionList,
                refusals=seen,
                about="All that a work instruction ever said.",
            ),
            Endpoint(
                method="POST",
                path=f"{TEMPLATES}/{{id}}/versions",
                access=Access.MEMBER,
                handler=self.write_version,
                input=schemas.NewVersion,
                output=schemas.TemplateView,
                status=201,
                refusals=(*seen, Code.CONFLICT, Code.TOO_MANY, Code.RATE_LIMITED),
                about="The next version; what was begun by an earlier one keeps it.",
            ),
        )

    def _run_rows(self) -> tuple[Endpoint, ...]:
        entered = (Code.FORBIDDEN, Code.NOT_FOUND, Code.UNAUTHENTICATED)
        working = (*entered, Code.RATE_LIMITED)
        return (
            Endpoint(
                method="GET",
                path=RUNS,
                access=Access.ANYONE,
                handler=self.list_runs,
                output=schemas.RunList,
                refusals=entered,
                about="What is worked through in a session, with its answers and signatures.",
            ),
            Endpoint(
                method="PUT",
                path=f"{RUNS}/{{run_key}}",
                access=Access.ANYONE,
                handler=self.begin_run,
                input=schemas.BeginRun,
                output=schemas.RunView,
                refusals=(*working, Code.TOO_MANY),
                about="Begin a work instruction, or steps made of marks. Again with the same id: the same run.",
            ),
            Endpoint(
                method="PUT",
                path=f"{RUNS}/{{run_key}}/answers/{{step_key}}",
                access=Access.ANYONE,
                handler=self.answer_step,
                input=schemas.AnswerStep,
                output=schemas.AnsweredView,
                refusals=(*working, Code.WRONG_STATE),
                about="Answer a step. Of two answers the one entered later holds, whichever comes first.",
            ),
            Endpoint(
                method="PUT",
                path="/api/assist/sessions/{id}/signature",
                access=Access.ANYONE,
                handler=self.sign,
                input=schemas.Sign,
                output=schemas.Signatures,
                refusals=(*working, Code.WRONG_STATE),
                about="Sign for one's own side. With both signatures the work is signed off and answers are fixed.",
            ),
        )

    # ------------------------------------------------------------ templates

    async def list_templates(self, call: Call[schemas.TemplatesQuery]) -> Reply:
        query, member = call.input, call.caller.signed_in
        found, more = await self._templates.listed(member, query.before, query.limit, archived=query.archived)
        return Reply(schemas.TemplateList(tuple(self._template(member, one) for one in found), more))

    async def write_template(self, call: Call[schemas.NewTemplate]) -> Reply:
        body, member = call.input, call.caller.signed_in
        written = await self._templates.write(member, body.organization_id or "", body.title, body.steps)
        return Reply(self._template(member, written))

    async def show_template(self, call: Call[Nothing]) -> Reply:
        member = call.caller.signed_in
        return Reply(self._template(member, await self._templates.seen(member, call.path["id"])))

    async def change_template(self, call: Call[schemas.ChangeTemplate]) -> Reply:
        member = call.caller.signed_in
        changed = await self._templates.archive(member, call.path["id"], call.input.archived)
        return Reply(self._template(member, changed))

    async def list_versions(self, call: Call[Nothing]) -> Reply:
        found = await self._templates.versions(call.caller.signed_in, call.path["id"])
        views = tuple(schemas.VersionView(one.version, one.name, one.made_at_ms, one.steps) for one in found)
        return Reply(schemas.VersionList(views))

    async def write_version(self, call: Call[schemas.NewVersion]) -> Reply:
        body, member = call.input, call.caller.signed_in
        written = await self._templates.rewrite(member, call.path["id"], body.based_on, body.title, body.steps)
        return Reply(self._template(member, written))

    def _template(self, member: Member, template: Template) -> schemas.TemplateView:
        return schemas.TemplateView(
            id=template.id,
            organization=template.organization,
            title=template.title,
            version=template.version,
            archived=template.archived,
            may_change=self._templates.may_change(member, template),
            changed_at_ms=template.changed_at_ms,
            steps=template.steps,
        )

    # ------------------------------------------------------------ runs

    async def list_runs(self, call: Call[Nothing]) -> Reply:
        runs, signatures = await self._runs.runs(asker(call.caller), call.path["id"])
        return Reply(schemas.RunList(tuple(_run(run) for run in runs), tuple(_signature(one) for one in signatures)))

    async def begin_run(self, call: Call[schemas.BeginRun]) -> Reply:
        body = call.input
        run = await self._runs.begin(
            asker(call.caller), call.path["id"], call.path["run_key"], body.template_id, body.title, body.steps
        )
        return Reply(_run(run))

    async def answer_step(self, call: Call[schemas.AnswerStep]) -> Reply:
        path = call.path
        held = await self._runs.answer(
            asker(call.caller), path["id"], path["run_key"], path["step_key"], call.input.answer
        )
        return Reply(_answered(held))

    async def sign(self, call: Call[schemas.Sign]) -> Reply:
        body = call.input
        signed = await self._runs.sign(asker(call.caller), call.path["id"], body.name, body.organization, body.strokes)
        return Reply(schemas.Signatures(tuple(_signature(one) for one in signed)))


def _run(run: Run) -> schemas.RunView:
    return schemas.RunView(
        id=run.id,
        template_id=run.template_id,
        version=run.version,
        title=run.title,
        steps=run.steps,
        answers=tuple(_answered(one) for one in run.answers),
        name=run.name,
        started_at_ms=run.started_at_ms,
    )


def _answered(held: Answered) -> schemas.AnsweredView:
    return schemas.AnsweredView(held.step_id, held.answer, held.name, held.stored_at_ms)


def _signature(signed: SignedBy) -> schemas.SignatureView:
    return schemas.SignatureView(signed.part, signed.name, signed.organization, signed.strokes, signed.signed_at_ms)
