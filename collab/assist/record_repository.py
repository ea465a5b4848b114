"""What is kept of sessions, in SQL: stills, documents, keyframes, marks, open items.  Every method is one transaction.

Rows that phones bring are added once by the phone's own id: bringing them again changes nothing.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update

from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.files.models import FileRow
from rooms.core.assist_model import FrameRef, Mark

from .machine_repository import of_same_model
from .models import AssistDocumentRow, AssistMarkRow, KeyframeRow, MachineRow, OpenItemRow, StillRow
from .removed_marks import is_removed
from .values import DocumentFile, KeptMark, Keyframe, OpenItem, Still, StillMark

LISTED_MAX: Final = 500
KEYFRAMES_OF_MACHINE_MAX: Final = 50

_stills: Select[StillRow, FileRow] = select(StillRow, FileRow).join(FileRow, FileRow.sha256 == StillRow.file_sha256)
_documents: Select[AssistDocumentRow, FileRow] = select(AssistDocumentRow, FileRow).join(
    FileRow, FileRow.sha256 == AssistDocumentRow.file_sha256
)
_keyframes: Select[KeyframeRow, FileRow] = select(KeyframeRow, FileRow).join(
    FileRow, FileRow.sha256 == KeyframeRow.file_sha256
)


class RecordRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ stills

    async def add_still(self, still: Still) -> None:
        frame = still.frame or FrameRef(0, 0, 0)
        async with self._database.write() as session:
            await insert_once(
                session,
                StillRow,
                id=still.id,
                session_id=still.session_id,
                file_sha256=still.file.sha256,
                width=still.width,
                height=still.height,
                rtp_timestamp=frame.rtp_timestamp,
                frame_width=frame.width,
                frame_height=frame.height,
                marks=_json(still.marks),
                identity=still.identity,
                name=still.name,
                taken_at_ms=still.taken_at_ms,
                stored_at_ms=still.stored_at_ms,
            )

    async def still(self, still_id: str) -> Still | None:
        async with self._database.read() as session:
            found = (await session.execute(_stills.where(StillRow.id == still_id))).one_or_none()
        return _still(*found) if found else None

    async def set_still_marks(self, still_id: str, marks: tuple[StillMark, ...]) -> None:
        async with self._database.write() as session:
            await session.execute(update(StillRow).where(StillRow.id == still_id).values(marks=_json(marks)))

    async def stills(self, session_ids: list[str], limit: int = LISTED_MAX) -> list[Still]:
        """Oldest first by when they were taken; the newest `limit`."""
        query = _stills.where(StillRow.session_id.in_(session_ids)).order_by(StillRow.taken_at_ms.desc(), StillRow.id)
        async with self._database.read() as session:
            return [_still(*row) for row in await session.execute(query.limit(limit))][::-1]

    async def still_count(self, session_id: str) -> int:
        return await self._count(select(func.count()).select_from(StillRow).where(StillRow.session_id == session_id))

    # ------------------------------------------------------------ documents

    async def add_document(self, document: DocumentFile, identity: str) -> None:
        async with self._database.write() as session:
            await insert_once(
                session,
                AssistDocumentRow,
                id=document.id,
                machine_id=document.machine_id,
                session_id=document.session_id,
                file_sha256=document.file.sha256,
                title=document.title,
                identity=identity,
                name=document.name,
                stored_at_ms=document.stored_at_ms,
                for_model=document.for_model,
                page=document.page,
            )

    async def document(self, document_id: str) -> DocumentFile | None:
        async with self._database.read() as session:
            found = (await session.execute(_documents.where(AssistDocumentRow.id == document_id))).one_or_none()
        return _document(*found) if found else None

    async def documents(self, machine_id: str | None, session_id: str | None) -> list[DocumentFile]:
        """Of the machine, its model or the session, newest first."""
        of = _of(AssistDocumentRow, machine_id, session_id)
        if machine_id is not None:
            of = or_(of, and_(AssistDocumentRow.for_model, AssistDocumentRow.machine_id.in_(of_same_model(machine_id))))
        query = _documents.where(of)
        query = query.order_by(AssistDocumentRow.stored_at_ms.desc(), AssistDocumentRow.id).limit(LISTED_MAX)
        async with self._database.read() as session:
            return [_document(*row) for row in await session.execute(query)]

    async def manual(self, organization_id: str, make: str, model: str) -> DocumentFile | None:
        """The newest manual of a make and model in an organization."""
        query = (
            _documents.join(MachineRow, MachineRow.id == AssistDocumentRow.machine_id)
            .where(
                AssistDocumentRow.for_model,
                MachineRow.organization_id == organization_id,
                func.lower(MachineRow.make) == make.lower(),
                func.lower(MachineRow.model) == model.lower(),
            )
            .order_by(AssistDocumentRow.stored_at_ms.desc(), AssistDocumentRow.id)
            .limit(1)
        )
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
        return _document(*found) if found else None

    async def document_count(self, machine_id: str | None, session_id: str | None) -> int:
        where = _of(AssistDocumentRow, machine_id, session_id)
        return await self._count(select(func.count()).select_from(AssistDocumentRow).where(where))

    async def remove_document(self, document_id: str) -> None:
        async with self._database.write() as session:
            await session.execute(delete(AssistDocumentRow).where(AssistDocumentRow.id == document_id))

    # ------------------------------------------------------------ marks

    async def add_keyframe(self, keyframe: Keyframe) -> None:
        """A machine keeps its newest KEYFRAMES_OF_MACHINE_MAX; so does a session about none."""
        of = (
            KeyframeRow.machine_id == keyframe.machine_id
            if keyframe.machine_id
            else KeyframeRow.session_id == keyframe.session_id
        )
        newest = select(KeyframeRow.id).where(of).order_by(KeyframeRow.stored_at_ms.desc(), KeyframeRow.id.desc())
        async with self._database.write() as session:
            added = await insert_once(
                session,
                KeyframeRow,
                id=keyframe.id,
                session_id=keyframe.session_id,
                machine_id=keyframe.machine_id,
                file_sha256=keyframe.file.sha256,
                stored_at_ms=keyframe.stored_at_ms,
            )
            if added:
                kept = list(await session.scalars(newest.limit(KEYFRAMES_OF_MACHINE_MAX)))
                await session.execute(delete(KeyframeRow).where(of, KeyframeRow.id.not_in(kept)))

    async def keyframe(self, keyframe_id: str) -> Keyframe | None:
        async with self._database.read() as session:
            found = (await session.execute(_keyframes.where(KeyframeRow.id == keyframe_id))).one_or_none()
        if found is None:
            return None
        row, file = found
        return Keyframe(row.id, row.session_id, row.machine_id, file.value(), row.stored_at_ms)

    async def keep_mark(self, kept: KeptMark, machine_id: str | None) -> None:
        """As it is now, whatever was kept of it before."""
        values = {
            "machine_id": machine_id,
            "keyframe_id": kept.keyframe_id,
            "mark": _json(kept.mark),
            "stored_at_ms": kept.stored_at_ms,
        }
        async with self._database.write() as session:
            if not await insert_once(session, AssistMarkRow, session_id=kept.session_id, id=kept.mark.id, **values):
                await session.execute(
                    update(AssistMarkRow)
                    .where(AssistMarkRow.session_id == kept.session_id, AssistMarkRow.id == kept.mark.id)
                    .values(**values)
                )

    async def remove_mark(self, session_id: str, mark_id: str) -> None:
        async with self._database.write() as session:
            await session.execute(
                delete(AssistMarkRow).where(AssistMarkRow.session_id == session_id, AssistMarkRow.id == mark_id)
            )

    async def marks(self, machine_id: str | None, session_id: str | None) -> list[KeptMark]:
        """Of the machine (all its sessions) or the session, newest first; without those that were removed."""
        query = select(AssistMarkRow).where(_of(AssistMarkRow, machine_id, session_id), ~is_removed())
        query = query.order_by(AssistMarkRow.stored_at_ms.desc(), AssistMarkRow.id).limit(LISTED_MAX)
        async with self._database.read() as session:
            return [
                KeptMark(row.session_id, msgspec.json.decode(row.mark, type=Mark), row.keyframe_id, row.stored_at_ms)
                for row in await session.scalars(query)
            ]

    async def mark_count(self, session_id: str) -> int:
        return await self._count(
            select(func.count()).select_from(AssistMarkRow).where(AssistMarkRow.session_id == session_id)
        )

    # ------------------------------------------------------------ open items

    async def add_item(self, item: OpenItem, identity: str) -> None:
        async with self._database.write() as session:
            await insert_once(
                session,
                OpenItemRow,
                id=item.id,
                machine_id=item.machine_id,
                session_id=item.session_id,
                text=item.text,
                identity=identity,
                name=item.name,
                created_at_ms=item.created_at_ms,
                done_at_ms=0,
                done_by_name="",
            )

    async def item(self, item_id: str) -> OpenItem | None:
        async with self._database.read() as session:
            row = await session.get(OpenItemRow, item_id)
        return _item(row) if row else None

    async def items(self, machine_id: str | None, session_id: str | None) -> list[OpenItem]:
        """Newest first, those that are done too."""
        query = select(OpenItemRow).where(_of(OpenItemRow, machine_id, session_id))
        query = query.order_by(OpenItemRow.created_at_ms.desc(), OpenItemRow.id).limit(LISTED_MAX)
        async with self._database.read() as session:
            return [_item(row) for row in await session.scalars(query)]

    async def item_count(self, machine_id: str | None, session_id: str | None) -> int:
        where = _of(OpenItemRow, machine_id, session_id)
        return await self._count(select(func.count()).select_from(OpenItemRow).where(where))

    async def set_item_done(self, item_id: str, at_ms: int, by_name: str) -> None:
        """`at_ms` 0 opens it again."""
        async with self._database.write() as session:
            await session.execute(
                update(OpenItemRow).where(OpenItemRow.id == item_id).values(done_at_ms=at_ms, done_by_name=by_name)
            )

    async def _count(self, query: Select[int]) -> int:
        async with self._database.read() as session:
            return await session.scalar(query) or 0


def _of(
    table: type[AssistDocumentRow | AssistMarkRow | OpenItemRow], machine_id: str | None, session_id: str | None
) -> ColumnElement[bool]:
    """Of either, of those that are given."""
    conditions: list[ColumnElement[bool]] = []
    if machine_id is not None:
        conditions.append(table.machine_id == machine_id)
    if session_id is not None:
        conditions.append(table.session_id == session_id)
    return or_(*conditions)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _still(row: StillRow, file: FileRow) -> Still:
    return Still(
        id=row.id,
        session_id=row.session_id,
        file=file.value(),
        width=row.width,
        height=row.height,
        frame=FrameRef(row.rtp_timestamp, row.frame_width, row.frame_height) if row.frame_width else None,
        marks=msgspec.json.decode(row.marks, type=tuple[StillMark, ...]),
        identity=row.identity,
        name=row.name,
        taken_at_ms=row.taken_at_ms,
        stored_at_ms=row.stored_at_ms,
    )


def _document(row: AssistDocumentRow, file: FileRow) -> DocumentFile:
    return DocumentFile(
        id=row.id,
        machine_id=row.machine_id,
        session_id=row.session_id,
        file=file.value(),
        title=row.title,
        name=row.name,
        stored_at_ms=row.stored_at_ms,
        for_model=row.for_model,
        page=row.page,
        identity=row.identity,
    )


def _item(row: OpenItemRow) -> OpenItem:
    return OpenItem(
        id=row.id,
        machine_id=row.machine_id,
        session_id=row.session_id,
        text=row.text,
        name=row.name,
        created_at_ms=row.created_at_ms,
        done_at_ms=row.done_at_ms,
        done_by_name=row.done_by_name,
    )
