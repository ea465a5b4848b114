"""The endpoints of what is brought to a request: files, comments, the checklist."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import Body
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply, Streamed
from collab.files.models import MediaType
from collab.files.store import Files
from rooms.core.codes import Code
from rooms.core.model import CHAT_TEXT_MAX_CHARS

from .fields import Key
from .models import FILE_NAME_MAX_CHARS
from .papers import FILE_MAX_BYTES, PaperService, Place
from .schemas import DocumentCheckView, RequestCommentView, RequestFileView
from .views import check_view, comment_view, file_view

MaybeField = Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]{0,31})?$")]


class FileQuery(Body, frozen=True, kw_only=True):
    """`field` or `document` (a line of the checklist) say what it is for; neither: it comes with the request."""

    name: Annotated[str, Meta(max_length=FILE_NAME_MAX_CHARS)] = ""
    field: MaybeField = ""
    document: MaybeField = ""
    internal: bool = False


class NewComment(Body, frozen=True, kw_only=True):
    text: Annotated[str, Meta(min_length=1, max_length=CHAT_TEXT_MAX_CHARS)]
    internal: bool = False  # for the park's staff only


class CheckDocument(Body, frozen=True, kw_only=True):
    document_id: Key
    accepted: bool
    note: Annotated[str, Meta(max_length=400)] = ""


class DocumentChecks(Struct, frozen=True):
    checks: tuple[DocumentCheckView, ...]


class PaperEndpoints:
    def __init__(self, papers: PaperService, files: Files) -> None:
        self._papers = papers
        self._files = files

    def table(self) -> tuple[Endpoint, ...]:
        seen = (Code.NOT_FOUND, Code.WRONG_STATE)
        return (
            Endpoint(
                method="PUT",
                path="/api/requests/{id}/files/{key}",
                access=Access.MEMBER,
                handler=self.keep_request_file,
                input=FileQuery,
                upload_max_bytes=FILE_MAX_BYTES,
                output=RequestFileView,
                refusals=(*seen, Code.CONFLICT, Code.TOO_MANY),
                about="Bring a PDF, JPEG or PNG, known by its content: by the requester's side or the park's.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/{id}/files/{key}",
                access=Access.MEMBER,
                handler=self.request_file,
                media_type="application/octet-stream",
                refusals=(Code.NOT_FOUND,),
                about="The file; a picture is shown, a PDF offered to be saved.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/requests/{id}/files/{key}",
                access=Access.MEMBER,
                handler=self.remove_request_file,
                refusals=seen,
                about="Take back one's own file: of a draft, or while information is asked for.",
            ),
            Endpoint(
                method="PUT",
                path="/api/requests/{id}/comments/{key}",
                access=Access.MEMBER,
                handler=self.comment_request,
                input=NewComment,
                output=RequestCommentView,
                refusals=(*seen, Code.CONFLICT, Code.TOO_MANY),
                about="Say something to the other side, or with `internal` among the park's staff.",
            ),
            Endpoint(
                method="PUT",
                path="/api/requests/{id}/checks",
                access=Access.MEMBER,
                handler=self.check_document,
                input=CheckDocument,
                output=DocumentChecks,
                refusals=seen,
                about="Whether what was brought for a line of the checklist will do. For the park's side.",
            ),
        )

    async def keep_request_file(self, call: Call[FileQuery]) -> Reply:
        query, by, path = call.input, call.caller.signed_in, call.path
        place = Place(query.name, query.field, query.document, query.internal)
        seen = await self._papers.bringing(by, path["id"], place)
        async with call.upload() as upload:
            file = await self._papers.keep(by, seen, path["key"], place, upload)
        return Reply(file_view(path["id"], file, by.account.id))

    async def request_file(self, call: Call[Nothing]) -> Reply:
        file = await self._papers.file(call.caller.signed_in, call.path["id"], call.path["key"])
        name = "" if MediaType(file.media_type).is_picture else file.file_name
        return Reply(
            Streamed(
                partial(self._files.stream, file.sha256),
                file.media_type,
                file.size_bytes,
                file.sha256,
                name,
            )
        )

    async def remove_request_file(self, call: Call[Nothing]) -> Reply:
        await self._papers.remove(call.caller.signed_in, call.path["id"], call.path["key"])
        return NO_CONTENT

    async def comment_request(self, call: Call[NewComment]) -> Reply:
        body, by, path = call.input, call.caller.signed_in, call.path
        comment = await self._papers.comment(by, path["id"], path["key"], body.text, internal=body.internal)
        return Reply(comment_view(comment, by.account.id))

    async def check_document(self, call: Call[CheckDocument]) -> Reply:
        body = call.input
        checks = await self._papers.check(
            call.caller.signed_in, call.path["id"], body.document_id, accepted=body.accepted, note=body.note
        )
        return Reply(DocumentChecks(tuple(map(check_view, checks))))
