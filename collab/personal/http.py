"""The endpoints of people's own data: for people who are signed in, never for a token."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from collab.accounts.passwords import PASSWORD_MAX_CHARS
from collab.accounts.schemas import Body
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply, Written
from rooms.core.codes import Code

from .models import Erasure, ErasureState, Export, ExportState
from .service import PersonalService

ONE: Final = "/api/people/{id}/personal-data"
ZIP: Final = "application/zip"


class Confirmation(Body, frozen=True, kw_only=True):
    password: Annotated[str, Meta(max_length=PASSWORD_MAX_CHARS)]  # of who asks


class ExportView(Struct, frozen=True):
    id: str
    state: ExportState
    done: int
    total: int
    files_left_out: int
    size_bytes: int
    created_at_ms: int
    expires_at_ms: int


class ErasureView(Struct, frozen=True):
    state: ErasureState
    by_administrator: bool
    done: int
    total: int
    created_at_ms: int
    due_at_ms: int
    finished_at_ms: int


class ObstaclesView(Struct, frozen=True):
    requests: int
    companies: int
    only_administrator: bool


class PersonalDataView(Struct, frozen=True):
    name: str
    exports: tuple[ExportView, ...]
    erasure: ErasureView | None
    obstacles: ObstaclesView
    has_password: bool


class PersonalEndpoints:
    def __init__(self, personal: PersonalService) -> None:
        self._personal = personal

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path=ONE,
                access=Access.MEMBER,
                handler=self.get_personal_data,
                output=PersonalDataView,
                refusals=(Code.NOT_FOUND,),
                about="What was asked for of a person's data: one's own, administrators of the park anybody's. "
                "`obstacles`: what has to be handed over before an erasure.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/exports",
                access=Access.MEMBER,
                handler=self.export_personal_data,
                input=Confirmation,
                output=ExportView,
                status=202,
                refusals=(Code.NOT_FOUND, Code.INVALID, Code.RATE_LIMITED),
                about="An archive of everything about the person, made in the background; while one waits, that one.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/exports/{{export_id}}/file",
                access=Access.MEMBER,
                handler=self.get_personal_export,
                media_type=ZIP,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="The archive (ZIP), for who asked for it, until it expires.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/erasure",
                access=Access.MEMBER,
                handler=self.plan_erasure,
                input=Confirmation,
                output=ErasureView,
                status=202,
                refusals=(Code.NOT_FOUND, Code.INVALID, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="Erases the person when the days in which it can be undone are over. `wrong_state` while there "
                "are obstacles.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{ONE}/erasure",
                access=Access.MEMBER,
                handler=self.undo_erasure,
                refusals=(Code.NOT_FOUND, Code.FORBIDDEN, Code.WRONG_STATE),
                about="Not after all, until it has begun. What an administrator planned, an administrator undoes.",
            ),
        )

    async def get_personal_data(self, call: Call[Nothing]) -> Reply:
        found = await self._personal.of(call.caller.signed_in, call.path["id"])
        stand = found.obstacles
        return Reply(
            PersonalDataView(
                found.name,
                tuple(map(_export, found.exports)),
                _erasure(found.erasure) if found.erasure else None,
                ObstaclesView(stand.requests, stand.companies, stand.only_administrator),
                found.has_password,
            )
        )

    async def export_personal_data(self, call: Call[Confirmation]) -> Reply:
        caller = call.caller
        asked = await self._personal.ask_export(caller.signed_in, call.path["id"], call.input.password, caller.address)
        return Reply(_export(asked))

    async def get_personal_export(self, call: Call[Nothing]) -> Reply:
        export_id = call.path["export_id"]
        chunks = await self._personal.fetch(call.caller.signed_in, call.path["id"], export_id)
        return Reply(Written(lambda: chunks, ZIP, f"personal-data-{export_id[-6:]}.zip"))

    async def plan_erasure(self, call: Call[Confirmation]) -> Reply:
        caller = call.caller
        planned = await self._personal.plan_erasure(
            caller.signed_in, call.path["id"], call.input.password, caller.address
        )
        return Reply(_erasure(planned))

    async def undo_erasure(self, call: Call[Nothing]) -> Reply:
        await self._personal.undo_erasure(call.caller.signed_in, call.path["id"])
        return NO_CONTENT


def _export(one: Export) -> ExportView:
    return ExportView(
        one.id,
        one.state,
        one.done,
        one.total,
        one.files_left_out,
        one.size_bytes,
        one.created_at_ms,
        one.expires_at_ms,
    )


def _erasure(one: Erasure) -> ErasureView:
    return ErasureView(
        one.state,
        one.asked_by != one.account_id,
        one.done,
        one.total,
        one.created_at_ms,
        one.due_at_ms,
        one.finished_at_ms,
    )
