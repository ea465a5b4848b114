"""What is kept of a session and of a machine: stills, documents, marks that are found again, open items.

People on site and experts bring things; everybody with a part in the session sees them, and whoever sees the machine
sees what was brought about it.  What a phone kept while it was offline may come after the end.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.clock import now_ms
from collab.edge.uploads import Received
from collab.files.contents import BadFile, check_keyframe, read_picture
from collab.files.documents import keep_document
from collab.files.models import MediaType, StoredFile
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.meetings.live import LiveRooms
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.assist_model import MARKS_MAX, AssistRole, FrameRef, Mark, RecordKind
from rooms.core.codes import Code
from rooms.core.commands import NoteRecord
from rooms.core.model import Phase
from rooms.core.text import clean_name
from signaling.ports import Identity

from .machines import MachineService
from .models import FILE_NAME_MAX_CHARS, ITEM_MAX_CHARS
from .record_repository import RecordRepository
from .sessions import Party, SessionService
from .values import DocumentFile, KeptMark, Keyframe, Machine, OpenItem, Session, Still, StillMark

STILL_MAX_BYTES: Final = 12_000_000
DOCUMENT_MAX_BYTES: Final = 50_000_000
KEYFRAME_MAX_BYTES: Final = 2_000_000  # five views of 640x480
MARK_JSON_MAX_BYTES: Final = 32_768
STILLS_MAX: Final = 500  # of a session
DOCUMENTS_MAX: Final = 200  # of a machine, or of a session about none
ITEMS_MAX: Final = 500
HISTORY_SESSIONS_MAX: Final = 50

UPLOADS_OF_PARTY = rate("assist_uploads", burst=120, per_minute=60)
WRITES_OF_PARTY = rate("assist_writes", burst=1_200, per_minute=600)  # 500 marks come at once when a line is back

log = structlog.get_logger("assist")


class Asker(Struct, frozen=True):
    """Who asks: an account, or the token of an opened link."""

    member: Member | None
    guest: Identity | None


class History(Struct, frozen=True):
    """Of a machine, as far as whoever asks has a part in it."""

    machine: Machine
    sessions: list[Session]
    stills: list[Still]
    documents: list[DocumentFile]
    marks: list[KeptMark]
    items: list[OpenItem]


class RecordService:
    def __init__(
        self,
        records: RecordRepository,
        files: Files,
        sessions: SessionService,
        machines: MachineService,
        live: LiveRooms,
        limits: Limits,
    ) -> None:
        self._records = records
        self._files = files
        self._sessions = sessions
        self._machines = machines
        self._live = live
        self._limits = limits

    # ------------------------------------------------------------ who may

    async def bringing(self, by: Asker, session_id: str) -> tuple[Session, Party]:
        """Asked before a byte of the upload is read.  Observers bring nothing."""
        session, party = await self._sessions.entered(by.member, by.guest, session_id=session_id)
        if party.role is AssistRole.OBSERVER:
            raise Refusal(Code.FORBIDDEN, "an observer")
        await self._limits.take(UPLOADS_OF_PARTY, party.identity)
        return session, party

    async def bringing_keyframes(self, by: Asker, session_id: str) -> tuple[Session, Party]:
        """They come from the camera on site."""
        session, party = await self.bringing(by, session_id)
        if party.role is not AssistRole.ON_SITE:
            raise Refusal(Code.FORBIDDEN, f"as {party.role}")
        return session, party

    async def _writing(self, by: Asker, session_id: str, *roles: AssistRole) -> tuple[Session, Party]:
        session, party = await self._sessions.entered(by.member, by.guest, session_id=session_id)
        if party.role not in (roles or (AssistRole.ON_SITE, AssistRole.EXPERT)):
            raise Refusal(Code.FORBIDDEN, f"as {party.role}")
        await self._limits.take(WRITES_OF_PARTY, party.identity)
        return session, party

    async def _sees(self, by: Asker, machine_id: str | None, session_id: str | None) -> None:
        """The session, or the machine by account or by a session about it."""
        try:
            if session_id is not None:
                await self._sessions.entered(by.member, by.guest, session_id=session_id)
                return
        except Refusal as refusal:
            if refusal.code is not Code.FORBIDDEN or machine_id is None:
                raise
        if machine_id is None:
            raise Refusal(Code.NOT_FOUND, "of nothing")
        if by.guest is not None:
            about = await self._sessions.of_guest(by.guest)
            if about.machine is None or about.machine.id != machine_id:
                raise Refusal(Code.FORBIDDEN, "another machine's")
        elif by.member is None:
            raise Refusal(Code.UNAUTHENTICATED, "no account and no token")
        else:
            await self._machines.seen(by.member, machine_id)

    # ------------------------------------------------------------ stills

    async def keep_still(
        self,
        session: Session,
        party: Party,
        still_id: str,
        upload: Received,
        *,
        frame: FrameRef | None,
        taken_at_ms: int,
    ) -> Still:
        """Raises BAD_FILE, TOO_MANY; CONFLICT for an id that another session has."""
        if (known := await self._records.still(still_id)) is not None:
            return _same_session(known, session)
        if await self._records.still_count(session.id) >= STILLS_MAX:
            raise Refusal(Code.TOO_MANY, "stills")
        width, height, file = await self._picture(await upload.content())
        still = Still(
            id=still_id,
            session_id=session.id,
            file=file,
            width=width,
            height=height,
            frame=frame,
            marks=(),
            identity=party.identity,
            name=party.name,
            taken_at_ms=taken_at_ms or now_ms(),
            stored_at_ms=now_ms(),
        )
        await self._records.add_still(still)
        await self._tell(session, RecordKind.STILL, still_id)
        return _same_session(await self._records.still(still_id) or still, session)

    async def set_still_marks(self, by: Asker, session_id: str, still_id: str, marks: tuple[StillMark, ...]) -> Still:
        session, _ = await self._writing(by, session_id)
        still = await self._records.still(still_id)
        if still is None or still.session_id != session.id:
            raise Refusal(Code.NOT_FOUND, "no such still")
        await self._records.set_still_marks(still_id, marks)
        await self._tell(session, RecordKind.STILL, still_id)
        return await self._records.still(still_id) or still

    async def stills(self, by: Asker, session_id: str) -> list[Still]:
        session, _ = await self._sessions.entered(by.member, by.guest, session_id=session_id)
        return await self._records.stills([session.id])

    async def still(self, by: Asker, still_id: str) -> Still:
        still = await self._records.still(still_id)
        if still is None:
            raise Refusal(Code.NOT_FOUND, "no such still")
        await self._sees(by, None, still.session_id)
        return still

    # ------------------------------------------------------------ documents

    async def keep_document(
        self,
        session: Session | None,
        machine: Machine | None,
        party: Party,
        key: str,
        title: str,
        upload: Received,
        *,
        for_model: bool = False,
        page: int = 1,
    ) -> DocumentFile:
        """Of a session (and the machine that it is about), or of a machine, or with `for_model` of all of its make and
        model in its organization.  Raises BAD_FILE, TOO_MANY, CONFLICT.
        """
        session_id = session.id if session else None
        machine_id = machine.id if machine else session.machine.id if session and session.machine else None
        known = await self._records.document(key)
        if known is not None:
            if (known.session_id, known.machine_id) != (session_id, machine_id):
                raise Refusal(Code.CONFLICT, "another's document")
            return known
        shown = clean_name(title, FILE_NAME_MAX_CHARS)
        if not shown:
            raise invalid(title=FieldFault.INVALID)
        if await self._records.document_count(machine_id, session_id) >= DOCUMENTS_MAX:
            raise Refusal(Code.TOO_MANY, "documents")
        file = await keep_document(self._files, upload)
        about = (key, machine_id, session_id, file, shown, party.name, now_ms(), for_model, page, party.identity)
        document = DocumentFile(*about)
        await self._records.add_document(document, party.identity)
        if session is not None:
            await self._tell(session, RecordKind.DOCUMENT, key)
        return document

    async def documents(self, by: Asker, *, session_id: str = "", machine_id: str = "") -> list[DocumentFile]:
        if session_id:
            session, _ = await self._sessions.entered(by.member, by.guest, session_id=session_id)
            return await self._records.documents(session.machine.id if session.machine else None, session.id)
        await self._sees(by, machine_id, None)
        return await self._records.documents(machine_id, None)

    async def document(self, by: Asker, key: str) -> DocumentFile:
        document = await self._records.document(key)
        if document is None:
            raise Refusal(Code.NOT_FOUND, "no such document")
        try:
            await self._sees(by, document.machine_id, document.session_id)
        except Refusal as refusal:
            if refusal.code is not Code.FORBIDDEN or not await self._shares(by, document):
                raise
        return document

    async def manual(self, organization_id: str, make: str, model: str) -> DocumentFile | None:
        """For a make and model in an organization; the caller has asked who may see it."""
        return await self._records.manual(organization_id, make, model) if make and model else None

    async def _shares(self, by: Asker, document: DocumentFile) -> bool:
        """A manual, asked for by somebody with another machine of the same make and model before them."""
        if not document.for_model or document.machine_id is None:
            return False
        if by.guest is not None:
            about = (await self._sessions.of_guest(by.guest)).machine
            return about is not None and await self._machines.are_same_model(document.machine_id, about.id)
        return by.member is not None and await self._machines.shares_model(by.member, document.machine_id)

    async def remove_document(self, by: Asker, key: str) -> None:
        """For who brought it, whoever may change the machine, or manages the session."""
        document = await self.document(by, key)
        if not await self.removable(by, (document,)):
            raise Refusal(Code.FORBIDDEN, "another's document")
        await self._records.remove_document(key)
        if document.session_id is not None:
            with contextlib.suppress(Refusal):  # of the machine's company, with no part in the session
                session, _ = await self._sessions.entered(by.member, by.guest, session_id=document.session_id)
                await self._tell(session, RecordKind.DOCUMENT, key)

    async def removable(self, by: Asker, documents: Iterable[DocumentFile]) -> frozenset[str]:
        """Of documents that `by` sees, those that they may take away."""
        identity = by.guest.id if by.guest is not None else by.member.account.id if by.member is not None else ""
        may: dict[tuple[str | None, str | None], bool] = {}
        found = set()
        for document in documents:
            of = (document.machine_id, document.session_id)
            if document.identity != identity and of not in may:
                may[of] = await self._changes(by, *of)
            if document.identity == identity or may[of]:
                found.add(document.id)
        return frozenset(found)

    async def _changes(self, by: Asker, machine_id: str | None, session_id: str | None) -> bool:
        """Whether `by` may change the machine, or manages a session about none."""
        if by.guest is not None or by.member is None:
            return False
        try:
            if machine_id is not None:
                await self._machines.changed_by(by.member, machine_id)
            elif session_id is not None:
                await self._sessions.managed(by.member, session_id)
        except Refusal:
            return False
        return True

    async def machine_party(self, by: Member, machine_id: str) -> tuple[Machine, Party]:
        """Who may bring a machine's documents.  Asked before a byte is read."""
        machine = await self._machines.changed_by(by, machine_id)
        await self._limits.take(UPLOADS_OF_PARTY, by.account.id)
        return machine, Party(AssistRole.ON_SITE, by.account.id, by.account.name, manages=True)

    # ------------------------------------------------------------ marks

    async def keep_keyframe(self, session: Session, key: str, upload: Received) -> Keyframe:
        known = await self._records.keyframe(key)
        if known is not None:
            if known.session_id != session.id:
                raise Refusal(Code.CONFLICT, "another session's keyframe")
            return known
        content = await upload.content()
        try:
            check_keyframe(content)
        except BadFile as bad:
            raise Refusal(Code.BAD_FILE, str(bad)) from None
        file = await self._files.keep(content, MediaType.KEYFRAME)
        machine_id = session.machine.id if session.machine else None
        keyframe = Keyframe(key, session.id, machine_id, file, now_ms())
        await self._records.add_keyframe(keyframe)
        return keyframe

    async def keep_mark(self, by: Asker, session_id: str, mark: Mark, keyframe_id: str) -> KeptMark:
        """By the phone, at each confirmation and at the end.  Raises INVALID, TOO_MANY."""
        session, _ = await self._writing(by, session_id, AssistRole.ON_SITE)
        if len(msgspec.json.encode(mark)) > MARK_JSON_MAX_BYTES:
            raise Refusal(Code.TOO_LARGE, "a mark")
        if keyframe_id:
            keyframe = await self._records.keyframe(keyframe_id)
            if keyframe is None or keyframe.session_id != session.id:
                raise invalid(keyframe_id=FieldFault.INVALID)
        if await self._records.mark_count(session.id) >= MARKS_MAX:
            known = {kept.mark.id for kept in await self._records.marks(None, session.id)}
            if mark.id not in known:
                raise Refusal(Code.TOO_MANY, "marks")
        kept = KeptMark(session.id, mark, keyframe_id or None, now_ms())
        await self._records.keep_mark(kept, session.machine.id if session.machine else None)
        return kept

    async def remove_mark(self, by: Asker, session_id: str, mark_id: str) -> None:
        session, _ = await self._writing(by, session_id, AssistRole.ON_SITE)
        await self._records.remove_mark(session.id, mark_id)

    async def marks(self, by: Asker, session_id: str) -> list[KeptMark]:
        """Of the session's machine, from all sessions about it; of the session, when it is about none."""
        session, _ = await self._sessions.entered(by.member, by.guest, session_id=session_id)
        return await self._records.marks(session.machine.id if session.machine else None, session.id)

    async def keyframe(self, by: Asker, key: str) -> Keyframe:
        keyframe = await self._records.keyframe(key)
        if keyframe is None:
            raise Refusal(Code.NOT_FOUND, "no such keyframe")
        await self._sees(by, keyframe.machine_id, keyframe.session_id)
        return keyframe

    # ------------------------------------------------------------ open items

    async def add_item(self, by: Asker, session_id: str, key: str, text: str) -> OpenItem:
        session, party = await self._writing(by, session_id)
        machine_id = session.machine.id if session.machine else None
        item = await self._add_item(key, text, party, machine_id, session.id)
        await self._tell(session, RecordKind.MACHINE, machine_id or session.id)
        return item

    async def add_machine_item(self, by: Member, machine_id: str, key: str, text: str) -> OpenItem:
        machine = await self._machines.seen(by, machine_id)
        await self._limits.take(WRITES_OF_PARTY, by.account.id)
        party = Party(AssistRole.ON_SITE, by.account.id, by.account.name, manages=False)
        return await self._add_item(key, text, party, machine.id, None)

    async def set_item_done(self, by: Asker, key: str, done: bool) -> OpenItem:
        item = await self._records.item(key)
        if item is None:
            raise Refusal(Code.NOT_FOUND, "no such item")
        if by.guest is not None and by.guest.assist_role is AssistRole.OBSERVER:
            raise Refusal(Code.FORBIDDEN, "an observer")
        await self._sees(by, item.machine_id, item.session_id)
        name = by.guest.name if by.guest else by.member.account.name if by.member else ""
        await self._records.set_item_done(key, now_ms() if done else 0, name if done else "")
        return await self._records.item(key) or item

    async def items(self, by: Asker, session_id: str) -> list[OpenItem]:
        session, _ = await self._sessions.entered(by.member, by.guest, session_id=session_id)
        return await self._records.items(session.machine.id if session.machine else None, session.id)

    # ------------------------------------------------------------ history

    async def history(self, by: Member, machine_id: str) -> History:
        machine = await self._machines.seen(by, machine_id)
        sessions, _ = await self._sessions.listed(by, "", HISTORY_SESSIONS_MAX, machine_id=machine_id)
        mine = {session.id for session in sessions}
        return History(
            machine=machine,
            sessions=sessions,
            stills=await self._records.stills([session.id for session in sessions]),
            documents=await self._records.documents(machine_id, None),
            marks=[kept for kept in await self._records.marks(machine_id, None) if kept.session_id in mine],
            items=await self._records.items(machine_id, None),
        )

    # ------------------------------------------------------------

    async def _add_item(
        self, key: str, text: str, party: Party, machine_id: str | None, session_id: str | None
    ) -> OpenItem:
        known = await self._records.item(key)
        if known is not None:
            if (known.machine_id, known.session_id) != (machine_id, session_id):
                raise Refusal(Code.CONFLICT, "another's item")
            return known
        shown = clean_name(text, ITEM_MAX_CHARS)
        if not shown:
            raise invalid(text=FieldFault.INVALID)
        if await self._records.item_count(machine_id, session_id) >= ITEMS_MAX:
            raise Refusal(Code.TOO_MANY, "open items")
        item = OpenItem(key, machine_id, session_id, shown, party.name, now_ms(), 0, "")
        await self._records.add_item(item, party.identity)
        return item

    async def _picture(self, content: bytes) -> tuple[int, int, StoredFile]:
        try:
            picture = read_picture(content)
        except BadFile as bad:
            raise Refusal(Code.BAD_FILE, str(bad)) from None
        return picture.width, picture.height, await self._files.keep(picture.content, picture.media_type)

    async def _tell(self, session: Session, kind: RecordKind, record_id: str) -> None:
        if session.phase is Phase.OPEN:
            await self._live.tell(session.meeting_id, NoteRecord(actor="", kind=kind, record_id=record_id))


def _same_session(still: Still, session: Session) -> Still:
    if still.session_id != session.id:
        raise Refusal(Code.CONFLICT, "another session's still")
    return still
