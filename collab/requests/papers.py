"""What is brought to a request: files by their content, comments, what was found about the lines of its checklist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from collab.accounts.models import Member
from collab.db.engine import Database
from collab.edge.uploads import Received
from collab.files.documents import keep_document
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_chat, clean_name

from .definition import Definition
from .fields import FileField
from .models import FILE_NAME_MAX_CHARS
from .parties import actor_of
from .people import DeskPeople
from .records import RecordRepository
from .service import RequestService, Seen, reviewer_of
from .states import OPEN, Part, State
from .telling import News, Outbox, Told
from .values import Comment, DocumentCheck, RequestFile

FILE_MAX_BYTES: Final = 30_000_000
FILES_MAX: Final = 80  # of a request
COMMENTS_MAX: Final = 1_000

FILES_OF_ACCOUNT = rate("request_files", burst=120, per_minute=60)
COMMENTS_OF_ACCOUNT = rate("request_comments", burst=60, per_minute=30)


class Place(Struct, frozen=True):
    """What a file is brought for."""

    file_name: str
    field_id: str = ""
    document_id: str = ""
    internal: bool = False


class PaperService:
    def __init__(
        self,
        service: RequestService,
        records: RecordRepository,
        people: DeskPeople,
        files: Files,
        database: Database,
        outbox: Outbox,
        limits: Limits,
        clock_ms: Callable[[], int],
    ) -> None:
        self._service = service
        self._records = records
        self._people = people
        self._files = files
        self._database = database
        self._outbox = outbox
        self._limits = limits
        self._clock_ms = clock_ms

    # ------------------------------------------------------------ files

    async def bringing(self, by: Member, request_id: str, place: Place) -> Seen:
        """Asked before a byte of the upload is read.  Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID."""
        seen = await self._service.seen(by, request_id)
        await self._side(by, seen, internal=place.internal)
        if seen.request.state not in (State.DRAFT, *OPEN) and not seen.internal:
            raise Refusal(Code.WRONG_STATE, "closed")
        check_place(place, seen.version.definition)
        await self._limits.take(FILES_OF_ACCOUNT, by.account.id)
        return seen

    async def keep(self, by: Member, seen: Seen, key: str, place: Place, upload: Received) -> RequestFile:
        """The same key again gives what it kept.  Raises BAD_FILE, TOO_LARGE, TOO_MANY, CONFLICT for another's key."""
        request_id = seen.request.id
        if (known := await self._records.file(request_id, key)) is not None:
            return _own(known, by)
        if place.field_id:
            await self._room_in_field(seen, place.field_id)
        stored = await keep_document(self._files, upload)
        file = RequestFile(
            key=key,
            field_id=place.field_id,
            document_id=place.document_id,
            internal=place.internal,
            sha256=stored.sha256,
            size_bytes=stored.size_bytes,
            media_type=stored.media_type,
            file_name=clean_name(place.file_name, FILE_NAME_MAX_CHARS) or "file",
            name=by.account.name,
            account_id=by.account.id,
            stored_at_ms=self._clock_ms(),
        )
        if await self._records.add_file(request_id, file, FILES_MAX) is None:
            raise Refusal(Code.TOO_MANY, "files")
        kept = await self._records.file(request_id, key)
        if kept is None:
            raise Refusal(Code.NOT_FOUND, "the request is gone")
        return _own(kept, by)

    async def file(self, by: Member, request_id: str, key: str) -> RequestFile:
        """Raises NOT_FOUND, also for an internal one of which they are not to know."""
        seen = await self._service.seen(by, request_id)
        found = await self._records.file(request_id, key)
        if found is None or (found.internal and not seen.internal):
            raise Refusal(Code.NOT_FOUND, "no such file")
        await self._service.opened(by.account.id, seen)
        return found

    async def remove(self, by: Member, request_id: str, key: str) -> None:
        """By who brought it: while it is a draft or waits for information; the park's staff while it is open."""
        seen = await self._service.seen(by, request_id)
        found = await self.file(by, request_id, key)
        if found.account_id != by.account.id:
            raise Refusal(Code.FORBIDDEN, "another's file")
        if seen.request.state not in (OPEN if seen.internal else (State.DRAFT, State.NEEDS_INFORMATION)):
            raise Refusal(Code.WRONG_STATE, "it is on record")
        await self._records.remove_file(request_id, key)

    async def _room_in_field(self, seen: Seen, field_id: str) -> None:
        """Raises TOO_MANY."""
        at_most = next(
            one.max_files for one in seen.version.definition.fields if isinstance(one, FileField) and one.id == field_id
        )
        if (await self._records.brought(seen.request.id))[0].get(field_id, 0) >= at_most:
            raise Refusal(Code.TOO_MANY, "files of a field")

    # ------------------------------------------------------------ comments

    async def comment(self, by: Member, request_id: str, key: str, words: str, *, internal: bool) -> Comment:
        """To the other side, or among the park's staff.  The same key again says nothing twice.

        Raises NOT_FOUND, FORBIDDEN, INVALID, WRONG_STATE for a draft, TOO_MANY."""
        seen = await self._service.seen(by, request_id)
        await self._side(by, seen, internal=internal)
        if seen.request.state is State.DRAFT:
            raise Refusal(Code.WRONG_STATE, "a draft")
        text = clean_chat(words)
        if text is None:
            raise invalid(text=FieldFault.INVALID)
        await self._limits.take(COMMENTS_OF_ACCOUNT, by.account.id)
        comment = Comment(key, internal, text, by.account.name, by.account.id, self._clock_ms())
        told = await self._about(seen, comment)
        async with self._database.write() as session:
            added = await self._records.add_comment(session, request_id, comment, COMMENTS_MAX)
            if added is None:
                raise Refusal(Code.TOO_MANY, "comments")
            if added:
                await self._outbox.put(session, [told])
        self._outbox.nudge()
        kept = await self._records.comments(request_id, internal=seen.internal)
        found = next((one for one in kept if one.key == key), None)
        if found is None or found.account_id != by.account.id:
            raise Refusal(Code.CONFLICT, "another's key")
        return found

    async def _about(self, seen: Seen, comment: Comment) -> Told:
        request = seen.request
        desk = [request.owner.id] if request.owner else await self._service.first_asked(request)
        to = desk if comment.internal or not seen.internal else [request.requester_id or ""]
        return Told(
            news=News.COMMENTED,
            account_ids=tuple(one for one in to if one and one != comment.account_id),
            key=f"{request.id}:{comment.account_id}:{comment.key}",
            request_id=request.id,
            number=request.number,
            title="" if request.confidential else request.title,
            by=comment.name,
            note="" if request.confidential else comment.text,
        )

    # ------------------------------------------------------------ the checklist

    async def check(
        self, by: Member, request_id: str, document_id: str, *, accepted: bool, note: str
    ) -> list[DocumentCheck]:
        """By the park's side.  Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID for no line of the checklist."""
        seen = await self._service.seen(by, request_id)
        await self._side(by, seen, internal=True)
        if seen.request.state not in OPEN:
            raise Refusal(Code.WRONG_STATE, "closed")
        if document_id not in {one.id for one in seen.version.definition.documents}:
            raise invalid(document_id=FieldFault.INVALID)
        check = DocumentCheck(document_id, accepted, clean_name(note, 400), by.account.name, self._clock_ms())
        await self._records.set_check(request_id, check)
        return await self._records.checks(request_id)

    async def _side(self, by: Member, seen: Seen, *, internal: bool) -> None:
        """Raises FORBIDDEN for who only looks on, and for `internal` by anybody but the park's staff."""
        if seen.internal:
            return
        actor = actor_of(
            await self._service.reach(by), seen.request, reviewer_of(seen.version.definition, seen.request)
        )
        if internal or Part.REQUESTER not in actor.parts:
            raise Refusal(Code.FORBIDDEN, "not theirs to add to")


def check_place(place: Place, definition: Definition) -> None:
    """Raises INVALID for a field or a line of the checklist that there is not."""
    fields = {one.id for one in definition.fields if isinstance(one, FileField)}
    if place.field_id and place.field_id not in fields:
        raise invalid(field=FieldFault.INVALID)
    if place.document_id and place.document_id not in {one.id for one in definition.documents}:
        raise invalid(document=FieldFault.INVALID)


def _own(file: RequestFile, by: Member) -> RequestFile:
    if file.account_id != by.account.id:
        raise Refusal(Code.CONFLICT, "another's key")
    return file
