"""The endpoints of what is kept of sessions and machines.  Files go out under a policy that lets them do nothing."""

from __future__ import annotations

from functools import partial

from collab.edge.endpoint import NO_CONTENT, Access, Call, Caller, Endpoint, Nothing, Reply, Streamed
from collab.files.models import MediaType, StoredFile
from collab.files.store import Files
from collab.files.thumbnails import Thumbnails, in_part
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.assist_model import FrameRef
from rooms.core.codes import Code

from . import record_schemas as schemas
from .http import machine_view, session_view
from .records import DOCUMENT_MAX_BYTES, KEYFRAME_MAX_BYTES, STILL_MAX_BYTES, Asker, RecordService
from .sessions import SessionService
from .values import DocumentFile, KeptMark, Keyframe, OpenItem, Still

BINARY = "application/octet-stream"
_SEEN = (Code.FORBIDDEN, Code.NOT_FOUND, Code.UNAUTHENTICATED)
_BROUGHT = (*_SEEN, Code.BAD_FILE, Code.TOO_MANY, Code.CONFLICT, Code.RATE_LIMITED)
_WRITTEN = (*_SEEN, Code.TOO_MANY, Code.CONFLICT, Code.RATE_LIMITED)


class RecordEndpoints:
    def __init__(self, records: RecordService, sessions: SessionService, files: Files) -> None:
        self._records = records
        self._sessions = sessions
        self._files = files
        self._thumbnails = Thumbnails(files)

    def table(self) -> tuple[Endpoint, ...]:
        return (*self._still_rows(), *self._document_rows(), *self._mark_rows(), *self._item_rows())

    def _still_rows(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="PUT",
                path="/api/assist/sessions/{id}/stills/{key}",
                access=Access.ANYONE,
                handler=self.keep_still,
                input=schemas.StillQuery,
                upload_max_bytes=STILL_MAX_BYTES,
                output=schemas.StillView,
                refusals=_BROUGHT,
                about="Bring a JPEG or PNG.  What is no picture in it (place, device) is left out.  Twice is once.",
            ),
            Endpoint(
                method="PUT",
                path="/api/assist/sessions/{id}/stills/{key}/marks",
                access=Access.ANYONE,
                handler=self.set_still_marks,
                input=schemas.StillMarks,
                output=schemas.StillView,
                refusals=_WRITTEN,
                about="What is drawn on a still, as it was seen: all of it.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/sessions/{id}/stills",
                access=Access.ANYONE,
                handler=self.list_stills,
                output=schemas.StillList,
                refusals=_SEEN,
                about="The stills of a session, oldest first.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/stills/{key}/file",
                access=Access.ANYONE,
                handler=self.still_file,
                media_type="image/jpeg",
                refusals=_SEEN,
                about="The picture.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/stills/{key}/small",
                access=Access.ANYONE,
                handler=self.small_still,
                media_type="image/jpeg",
                refusals=_SEEN,
                about="The picture for a list: a JPEG of at most 480 pixels; the picture itself where there is none.",
            ),
        )

    def _document_rows(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="PUT",
                path="/api/assist/sessions/{id}/documents/{key}",
                access=Access.ANYONE,
                handler=self.keep_session_document,
                input=schemas.DocumentQuery,
                upload_max_bytes=DOCUMENT_MAX_BYTES,
                output=schemas.DocumentView,
                refusals=_BROUGHT,
                about="Bring a PDF, JPEG or PNG to a session, and to the machine that it is about.",
            ),
            Endpoint(
                method="PUT",
                path="/api/assist/machines/{id}/documents/{key}",
                access=Access.MEMBER,
                handler=self.keep_machine_document,
                input=schemas.MachineDocumentQuery,
                upload_max_bytes=DOCUMENT_MAX_BYTES,
                output=schemas.DocumentView,
                refusals=_BROUGHT,
                about="Bring a PDF, JPEG or PNG to a machine of one's company.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/sessions/{id}/documents",
                access=Access.ANYONE,
                handler=self.list_session_documents,
                output=schemas.DocumentList,
                refusals=_SEEN,
                about="Documents of a session and of its machine, newest first.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/documents/{key}/file",
                access=Access.ANYONE,
                handler=self.document_file,
                media_type="application/pdf",
                refusals=_SEEN,
                about="The document.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/assist/documents/{key}",
                access=Access.ANYONE,
                handler=self.remove_document,
                refusals=_SEEN,
                about="Take a document away: one's own, or for the machine's company or who manages the session.",
            ),
        )

    def _mark_rows(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="PUT",
                path="/api/assist/sessions/{id}/keyframes/{key}",
                access=Access.ANYONE,
                handler=self.keep_keyframe,
                upload_max_bytes=KEYFRAME_MAX_BYTES,
                output=schemas.KeyframeView,
                refusals=_BROUGHT,
                about="What the phone finds marks again by.  A machine keeps its 50 newest.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/keyframes/{key}/file",
                access=Access.ANYONE,
                handler=self.keyframe_file,
                media_type=BINARY,
                refusals=_SEEN,
                about="The keyframe as it was brought.",
            ),
            Endpoint(
                method="PUT",
                path="/api/assist/sessions/{id}/marks/{key}",
                access=Access.ANYONE,
                handler=self.keep_mark,
                input=schemas.KeepMark,
                output=schemas.MarkView,
                refusals=_WRITTEN,
                about="A mark as it is now, by the phone.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/assist/sessions/{id}/marks/{key}",
                access=Access.ANYONE,
                handler=self.remove_mark,
                refusals=_WRITTEN,
                about="Forget a mark.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/sessions/{id}/marks",
                access=Access.ANYONE,
                handler=self.list_marks,
                output=schemas.MarkList,
                refusals=_SEEN,
                about="Marks on the session's machine, of all sessions about it; newest first.",
            ),
        )

    def _item_rows(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="PUT",
                path="/api/assist/sessions/{id}/items/{key}",
                access=Access.ANYONE,
                handler=self.add_item,
                input=schemas.NewItem,
                output=schemas.ItemView,
                refusals=_WRITTEN,
                about="Something that is left to do.",
            ),
            Endpoint(
                method="PUT",
                path="/api/assist/machines/{id}/items/{key}",
                access=Access.MEMBER,
                handler=self.add_machine_item,
                input=schemas.NewItem,
                output=schemas.ItemView,
                refusals=_WRITTEN,
                about="Something that is left to do on a machine.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/sessions/{id}/items",
                access=Access.ANYONE,
                handler=self.list_items,
                output=schemas.ItemList,
                refusals=_SEEN,
                about="Open items of the session and its machine, and those that are done; newest first.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/assist/items/{key}",
                access=Access.ANYONE,
                handler=self.tick_item,
                input=schemas.TickItem,
                output=schemas.ItemView,
                refusals=_SEEN,
                about="It is done, or open again.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/machines/{id}/history",
                access=Access.MEMBER,
                handler=self.show_history,
                output=schemas.HistoryView,
                refusals=_SEEN,
                about="What is kept of a machine and its sessions, as far as one has a part in them.",
            ),
        )

    # ------------------------------------------------------------ stills

    async def keep_still(self, call: Call[schemas.StillQuery]) -> Reply:
        query = call.input
        session, party = await self._records.bringing(asker(call.caller), call.path["id"])
        frame = FrameRef(query.rtp_timestamp, query.width, query.height) if query.width and query.height else None
        async with call.upload() as upload:
            still = await self._records.keep_still(
                session, party, call.path["key"], upload, frame=frame, taken_at_ms=query.taken_at_ms
            )
        return Reply(still_view(still))

    async def set_still_marks(self, call: Call[schemas.StillMarks]) -> Reply:
        path = call.path
        still = await self._records.set_still_marks(asker(call.caller), path["id"], path["key"], call.input.marks)
        return Reply(still_view(still))

    async def list_stills(self, call: Call[Nothing]) -> Reply:
        found = await self._records.stills(asker(call.caller), call.path["id"])
        return Reply(schemas.StillList(tuple(still_view(still) for still in found)))

    async def still_file(self, call: Call[Nothing]) -> Reply:
        return self._file((await self._records.still(asker(call.caller), call.path["key"])).file)

    async def small_still(self, call: Call[Nothing]) -> Reply:
        file = (await self._records.still(asker(call.caller), call.path["key"])).file
        small = await self._thumbnails.of(file.sha256)
        if small is None:
            return self._file(file)
        return Reply(Streamed(partial(in_part, small), "image/jpeg", len(small), f"{file.sha256}-small"))

    # ------------------------------------------------------------ documents

    async def keep_session_document(self, call: Call[schemas.DocumentQuery]) -> Reply:
        session, party = await self._records.bringing(asker(call.caller), call.path["id"])
        async with call.upload() as upload:
            document = await self._records.keep_document(
                session, None, party, call.path["key"], call.input.title, upload
            )
        return Reply(document_view(document, may_remove=True))

    async def keep_machine_document(self, call: Call[schemas.MachineDocumentQuery]) -> Reply:
        machine, party = await self._records.machine_party(call.caller.signed_in, call.path["id"])
        async with call.upload() as upload:
            document = await self._records.keep_document(
                None,
                machine,
                party,
                call.path["key"],
                call.input.title,
                upload,
                for_model=call.input.for_model,
                page=call.input.page,
            )
        return Reply(document_view(document, may_remove=True))

    async def list_session_documents(self, call: Call[Nothing]) -> Reply:
        by = asker(call.caller)
        found = await self._records.documents(by, session_id=call.path["id"])
        own = await self._records.removable(by, found)
        return Reply(schemas.DocumentList(tuple(document_view(one, may_remove=one.id in own) for one in found)))

    async def document_file(self, call: Call[Nothing]) -> Reply:
        document = await self._records.document(asker(call.caller), call.path["key"])
        return self._file(document.file, document.title if document.file.media_type is MediaType.PDF else "")

    async def remove_document(self, call: Call[Nothing]) -> Reply:
        await self._records.remove_document(asker(call.caller), call.path["key"])
        return NO_CONTENT

    # ------------------------------------------------------------ marks

    async def keep_keyframe(self, call: Call[Nothing]) -> Reply:
        session, _ = await self._records.bringing_keyframes(asker(call.caller), call.path["id"])
        async with call.upload() as upload:
            keyframe = await self._records.keep_keyframe(session, call.path["key"], upload)
        return Reply(_keyframe_view(keyframe))

    async def keyframe_file(self, call: Call[Nothing]) -> Reply:
        return self._file((await self._records.keyframe(asker(call.caller), call.path["key"])).file, "keyframe")

    async def keep_mark(self, call: Call[schemas.KeepMark]) -> Reply:
        body = call.input
        if body.mark.id != call.path["key"]:
            raise invalid(mark=FieldFault.INVALID)
        kept = await self._records.keep_mark(asker(call.caller), call.path["id"], body.mark, body.keyframe_id)
        return Reply(mark_view(kept))

    async def remove_mark(self, call: Call[Nothing]) -> Reply:
        await self._records.remove_mark(asker(call.caller), call.path["id"], call.path["key"])
        return NO_CONTENT

    async def list_marks(self, call: Call[Nothing]) -> Reply:
        found = await self._records.marks(asker(call.caller), call.path["id"])
        return Reply(schemas.MarkList(tuple(mark_view(kept) for kept in found)))

    # ------------------------------------------------------------ open items, history

    async def add_item(self, call: Call[schemas.NewItem]) -> Reply:
        path = call.path
        item = await self._records.add_item(asker(call.caller), path["id"], path["key"], call.input.text)
        return Reply(item_view(item))

    async def add_machine_item(self, call: Call[schemas.NewItem]) -> Reply:
        path, by = call.path, call.caller.signed_in
        return Reply(item_view(await self._records.add_machine_item(by, path["id"], path["key"], call.input.text)))

    async def list_items(self, call: Call[Nothing]) -> Reply:
        found = await self._records.items(asker(call.caller), call.path["id"])
        return Reply(schemas.ItemList(tuple(item_view(item) for item in found)))

    async def tick_item(self, call: Call[schemas.TickItem]) -> Reply:
        return Reply(
            item_view(await self._records.set_item_done(asker(call.caller), call.path["key"], call.input.done))
        )

    async def show_history(self, call: Call[Nothing]) -> Reply:
        member = call.caller.signed_in
        history = await self._records.history(member, call.path["id"])
        return Reply(
            schemas.HistoryView(
                machine=machine_view(history.machine, call.caller),
                sessions=tuple(
                    session_view(one, self._sessions.party(member, one), None, call.caller) for one in history.sessions
                ),
                stills=tuple(still_view(one) for one in history.stills),
                documents=tuple(document_view(one) for one in history.documents),
                marks=tuple(mark_view(one) for one in history.marks),
                items=tuple(item_view(one) for one in history.items),
            )
        )

    def _file(self, file: StoredFile, title: str = "") -> Reply:
        """`title` offers it to be saved; without, the browser may show it."""
        media_type = BINARY if file.media_type is MediaType.KEYFRAME else file.media_type.value
        return Reply(
            Streamed(partial(self._files.stream, file.sha256), media_type, file.size_bytes, file.sha256, title)
        )


def asker(caller: Caller) -> Asker:
    if caller.bearer is not None and caller.bearer.assist_role is None:
        raise Refusal(Code.FORBIDDEN, "a token for another kind of room")
    return Asker(caller.member, caller.bearer)


def still_view(still: Still) -> schemas.StillView:
    return schemas.StillView(
        id=still.id,
        session_id=still.session_id,
        url=f"/api/assist/stills/{still.id}/file",
        small_url=f"/api/assist/stills/{still.id}/small",
        media_type=still.file.media_type,
        size_bytes=still.file.size_bytes,
        sha256=still.file.sha256,
        width=still.width,
        height=still.height,
        frame=still.frame,
        marks=still.marks,
        name=still.name,
        taken_at_ms=still.taken_at_ms,
        stored_at_ms=still.stored_at_ms,
    )


def document_view(document: DocumentFile, *, may_remove: bool = False) -> schemas.DocumentView:
    return schemas.DocumentView(
        id=document.id,
        url=f"/api/assist/documents/{document.id}/file",
        title=document.title,
        media_type=document.file.media_type,
        size_bytes=document.file.size_bytes,
        machine_id=document.machine_id,
        session_id=document.session_id,
        name=document.name,
        stored_at_ms=document.stored_at_ms,
        for_model=document.for_model,
        page=document.page,
        may_remove=may_remove,
    )


def _keyframe_view(keyframe: Keyframe) -> schemas.KeyframeView:
    url = f"/api/assist/keyframes/{keyframe.id}/file"
    return schemas.KeyframeView(keyframe.id, url, keyframe.file.size_bytes, keyframe.stored_at_ms)


def mark_view(kept: KeptMark) -> schemas.MarkView:
    return schemas.MarkView(kept.session_id, kept.mark, kept.keyframe_id, kept.stored_at_ms)


def item_view(item: OpenItem) -> schemas.ItemView:
    return schemas.ItemView(
        id=item.id,
        text=item.text,
        name=item.name,
        machine_id=item.machine_id,
        session_id=item.session_id,
        created_at_ms=item.created_at_ms,
        done_at_ms=item.done_at_ms,
        done_by_name=item.done_by_name,
    )
