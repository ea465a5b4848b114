"""The endpoints of announcements."""

from __future__ import annotations

from functools import partial

from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply, Streamed
from collab.files.models import MediaType
from collab.files.store import Files
from rooms.core.codes import Code

from . import schemas
from .models import Announcement, AnnouncementState, Audience, Line, Named
from .rules import actions, is_unread
from .service import DAY_MS, FILE_MAX_BYTES, AnnouncementService, Seen

ANNOUNCEMENTS = "/api/announcements"
ONE = f"{ANNOUNCEMENTS}/{{id}}"


class AnnouncementEndpoints:
    def __init__(self, announcements: AnnouncementService, files: Files) -> None:
        self._announcements = announcements
        self._files = files

    def table(self) -> tuple[Endpoint, ...]:
        changes = (Code.NOT_FOUND, Code.WRONG_STATE, Code.CONFLICT, Code.RATE_LIMITED)
        card = schemas.AnnouncementCard
        return (
            Endpoint(
                method="GET",
                path=ANNOUNCEMENTS,
                access=Access.MEMBER,
                handler=self.list_announcements,
                input=schemas.AnnouncementsQuery,
                output=schemas.AnnouncementList,
                about="What reached this account and is out, the newest first.",
            ),
            Endpoint(
                method="POST",
                path=ANNOUNCEMENTS,
                access=Access.MEMBER,
                handler=self.write_announcement,
                input=schemas.NewAnnouncement,
                output=card,
                status=201,
                refusals=(Code.RATE_LIMITED,),
                about="A draft: for the park by its staff, for a company to its own people by its administrators.",
            ),
            Endpoint(
                method="GET",
                path=f"{ANNOUNCEMENTS}/written",
                access=Access.MEMBER,
                handler=self.list_written,
                input=schemas.WrittenQuery,
                output=schemas.WrittenList,
                about="Those of everybody for whom one announces, with how many have read each.",
            ),
            Endpoint(
                method="POST",
                path=f"{ANNOUNCEMENTS}/reach",
                access=Access.MEMBER,
                handler=self.ask_reach,
                input=schemas.AskReach,
                output=schemas.ReachView,
                refusals=(Code.RATE_LIMITED,),
                about="Whom such an announcement would reach now.",
            ),
            Endpoint(
                method="GET",
                path=ONE,
                access=Access.MEMBER,
                handler=self.show_announcement,
                output=card,
                refusals=(Code.NOT_FOUND,),
                about="One that reached this account, or of which one is the publisher.",
            ),
            Endpoint(
                method="PUT",
                path=ONE,
                access=Access.MEMBER,
                handler=self.edit_announcement,
                input=schemas.EditAnnouncement,
                output=card,
                refusals=changes,
                about="Write a draft anew.",
            ),
            Endpoint(
                method="DELETE",
                path=ONE,
                access=Access.MEMBER,
                handler=self.remove_announcement,
                refusals=changes,
                about="Throw a draft away.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/publish",
                access=Access.MEMBER,
                handler=self.publish_announcement,
                input=schemas.PublishAnnouncement,
                output=card,
                refusals=changes,
                about="Send it out now, or at a time within a year.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/unschedule",
                access=Access.MEMBER,
                handler=self.unschedule_announcement,
                input=schemas.AtRevision,
                output=card,
                refusals=changes,
                about="It does not go out at its time; it is a draft again.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/versions",
                access=Access.MEMBER,
                handler=self.list_announcement_versions,
                output=schemas.AnnouncementVersionList,
                refusals=(Code.NOT_FOUND,),
                about="All that was published of it. For its publisher.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/versions",
                access=Access.MEMBER,
                handler=self.revise_announcement,
                input=schemas.ReviseAnnouncement,
                output=card,
                refusals=changes,
                about="Change what is out: a new version, with `tell` one that everybody is asked to read.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/withdraw",
                access=Access.MEMBER,
                handler=self.withdraw_announcement,
                input=schemas.AtRevision,
                output=card,
                refusals=changes,
                about="Take it back, for good; those who have read it are told.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/read",
                access=Access.MEMBER,
                handler=self.read_announcement,
                input=schemas.ReadVersion,
                output=card,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="One has read this version.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/receipts",
                access=Access.MEMBER,
                handler=self.list_receipts,
                input=schemas.ReceiptsQuery,
                output=schemas.ReceiptList,
                refusals=(Code.NOT_FOUND,),
                about="Who has read it and when, by person and counted by organization. For its publisher.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/reminders",
                access=Access.MEMBER,
                handler=self.remind_readers,
                output=schemas.Reminded,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="Remind those who have not read it, once a day at most.",
            ),
            Endpoint(
                method="PUT",
                path=f"{ONE}/files/{{key}}",
                access=Access.MEMBER,
                handler=self.bring_announcement_file,
                input=schemas.AttachmentQuery,
                upload_max_bytes=FILE_MAX_BYTES,
                output=card,
                refusals=(*changes, Code.TOO_MANY),
                about="Attach a PDF, JPEG or PNG, known by its content, to a draft.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/files/{{key}}",
                access=Access.MEMBER,
                handler=self.announcement_file,
                media_type="application/octet-stream",
                refusals=(Code.NOT_FOUND,),
                about="The file; a picture is shown, a PDF offered to be saved.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{ONE}/files/{{key}}",
                access=Access.MEMBER,
                handler=self.remove_announcement_file,
                output=card,
                refusals=changes,
                about="Take it from a draft.",
            ),
        )

    async def list_announcements(self, call: Call[schemas.AnnouncementsQuery]) -> Reply:
        query = call.input
        found, more, unread = await self._announcements.page(
            call.caller.signed_in, query.before, query.limit, unread_only=query.unread
        )
        return Reply(schemas.AnnouncementList(tuple(map(_line, found)), more, unread))

    async def write_announcement(self, call: Call[schemas.NewAnnouncement]) -> Reply:
        body = call.input
        return _card(
            await self._announcements.draft(
                call.caller.signed_in, body.organization_id, body.title, body.text, _audience(body.audience)
            )
        )

    async def list_written(self, call: Call[schemas.WrittenQuery]) -> Reply:
        query = call.input
        found, more = await self._announcements.written(call.caller.signed_in, query.state, query.before, query.limit)
        return Reply(schemas.WrittenList(tuple(map(_line, found)), more))

    async def ask_reach(self, call: Call[schemas.AskReach]) -> Reply:
        body = call.input
        reach = await self._announcements.reach(call.caller.signed_in, body.organization_id, _audience(body.audience))
        return Reply(schemas.ReachView(reach.people, reach.organizations))

    async def show_announcement(self, call: Call[Nothing]) -> Reply:
        return _card(await self._announcements.seen(call.caller.signed_in, call.path["id"]))

    async def edit_announcement(self, call: Call[schemas.EditAnnouncement]) -> Reply:
        body = call.input
        return _card(
            await self._announcements.edit(
                call.caller.signed_in,
                call.path["id"],
                body.revision,
                body.title,
                body.text,
                _audience(body.audience),
            )
        )

    async def remove_announcement(self, call: Call[Nothing]) -> Reply:
        await self._announcements.remove(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def publish_announcement(self, call: Call[schemas.PublishAnnouncement]) -> Reply:
        by, body = call.caller.signed_in, call.input
        return _card(await self._announcements.publish(by, call.path["id"], body.revision, body.at_ms))

    async def unschedule_announcement(self, call: Call[schemas.AtRevision]) -> Reply:
        by = call.caller.signed_in
        return _card(await self._announcements.unschedule(by, call.path["id"], call.input.revision))

    async def list_announcement_versions(self, call: Call[Nothing]) -> Reply:
        found = await self._announcements.versions(call.caller.signed_in, call.path["id"])
        return Reply(
            schemas.AnnouncementVersionList(
                tuple(
                    schemas.AnnouncementVersionView(one.number, one.title, one.text, one.told, one.name, one.at_ms)
                    for one in found
                )
            )
        )

    async def revise_announcement(self, call: Call[schemas.ReviseAnnouncement]) -> Reply:
        by, body = call.caller.signed_in, call.input
        return _card(
            await self._announcements.revise(by, call.path["id"], body.revision, body.title, body.text, tell=body.tell)
        )

    async def withdraw_announcement(self, call: Call[schemas.AtRevision]) -> Reply:
        by = call.caller.signed_in
        return _card(await self._announcements.withdraw(by, call.path["id"], call.input.revision))

    async def read_announcement(self, call: Call[schemas.ReadVersion]) -> Reply:
        return _card(await self._announcements.read(call.caller.signed_in, call.path["id"], call.input.version))

    async def list_receipts(self, call: Call[schemas.ReceiptsQuery]) -> Reply:
        query = call.input
        announcement, readers, tallies = await self._announcements.receipts(
            call.caller.signed_in, call.path["id"], query.after, query.limit, read=query.read
        )
        return Reply(
            schemas.ReceiptList(
                people=sum(one.people for one in tallies),
                read=sum(one.read for one in tallies),
                may_remind_at_ms=max(announcement.reminded_at_ms, announcement.published_at_ms) + DAY_MS,
                organizations=tuple(schemas.TallyView(one.id, one.name, one.people, one.read) for one in tallies),
                readers=tuple(
                    schemas.ReaderView(one.id, one.name, one.organization, one.version, one.at_ms)
                    for one in readers[: query.limit]
                ),
                more=len(readers) > query.limit,
            )
        )

    async def remind_readers(self, call: Call[Nothing]) -> Reply:
        return Reply(schemas.Reminded(await self._announcements.remind(call.caller.signed_in, call.path["id"])))

    async def bring_announcement_file(self, call: Call[schemas.AttachmentQuery]) -> Reply:
        by, path = call.caller.signed_in, call.path
        await self._announcements.bringing(by, path["id"])
        async with call.upload() as upload:
            kept = await self._announcements.keep_file(by, path["id"], path["key"], call.input.name, upload)
        return _card(kept)

    async def announcement_file(self, call: Call[Nothing]) -> Reply:
        file = await self._announcements.file(call.caller.signed_in, call.path["id"], call.path["key"])
        name = "" if MediaType(file.media_type).is_picture else file.file_name
        chunks = partial(self._files.stream, file.sha256)
        return Reply(Streamed(chunks, file.media_type, file.size_bytes, file.sha256, name))

    async def remove_announcement_file(self, call: Call[Nothing]) -> Reply:
        path = call.path
        return _card(await self._announcements.remove_file(call.caller.signed_in, path["id"], path["key"]))


def _audience(body: schemas.AudienceBody) -> Audience:
    return Audience(body.scope, body.organization_ids, body.roles)


def _named(one: Named) -> schemas.PublisherView:
    return schemas.PublisherView(one.id, one.name)


def _line(one: Line) -> schemas.AnnouncementLineView:
    return schemas.AnnouncementLineView(
        id=one.id,
        organization=_named(one.organization),
        author_name=one.author_name,
        state=one.state,
        title=one.title,
        excerpt=one.excerpt,
        version=one.version,
        people=one.people,
        read=one.read,
        changed_at_ms=one.changed_at_ms,
        publish_at_ms=one.publish_at_ms,
        published_at_ms=one.published_at_ms,
    )


def _card(seen: Seen) -> Reply:
    one, writes = seen.announcement, seen.writes
    shown = writes or one.state is AnnouncementState.PUBLISHED
    return Reply(
        schemas.AnnouncementCard(
            id=one.id,
            organization=_named(one.organization),
            author_name=one.author_name,
            state=one.state,
            title=one.title if shown else "",
            text=one.text if shown else "",
            version=one.version,
            revision=one.revision,
            created_at_ms=one.created_at_ms,
            changed_at_ms=one.changed_at_ms,
            publish_at_ms=one.publish_at_ms,
            published_at_ms=one.published_at_ms,
            withdrawn_at_ms=one.withdrawn_at_ms,
            reminded_at_ms=one.reminded_at_ms if writes else 0,
            files=_files(one) if shown else (),
            unread=is_unread(one, seen.receipt),
            read_at_ms=seen.receipt.at_ms if seen.receipt else 0,
            people=one.people if writes else 0,
            audience=schemas.AudienceView(one.audience.scope, tuple(map(_named, one.organizations)), one.audience.roles)
            if writes
            else None,
            actions=actions(one.state) if writes else (),
        )
    )


def _files(one: Announcement) -> tuple[schemas.AttachmentView, ...]:
    return tuple(
        schemas.AttachmentView(
            file.key,
            file.file_name,
            file.media_type,
            file.size_bytes,
            f"{ANNOUNCEMENTS}/{one.id}/files/{file.key}",
        )
        for file in one.files
    )
