"""The endpoints of recordings."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import AfterId, Body
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply, Streamed
from collab.files.models import MediaType
from collab.limits import rate
from collab.meetings.schemas import Title
from collab.problems import Refusal
from rooms.core.codes import Code
from rooms.core.model import Source

from .models import Chapter, RecordedTrack, Recording, RecordingState
from .service import RecordingService

SHARE_MAX_HOURS = 24 * 90
SEARCH_MAX_CHARS = 80
TOKEN_MAX_CHARS = 64
SHARE_VISITS = rate("share_visits", burst=120, per_minute=60)


class RecordingsQuery(Body, frozen=True, kw_only=True):
    search: Annotated[str, Meta(max_length=SEARCH_MAX_CHARS)] = ""
    trashed: bool = False
    before: AfterId = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 30


class RenameRecording(Body, frozen=True, kw_only=True):
    title: Title


class NewShare(Body, frozen=True, kw_only=True):
    hours: Annotated[int, Meta(ge=1, le=SHARE_MAX_HOURS)] = 168


class ShareQuery(Body, frozen=True, kw_only=True):
    token: Annotated[str, Meta(min_length=1, max_length=TOKEN_MAX_CHARS)]


class FilmQuery(Body, frozen=True, kw_only=True):
    save: bool = False  # offer it to be saved, not shown


class SharedFilmQuery(Body, frozen=True, kw_only=True):
    token: Annotated[str, Meta(min_length=1, max_length=TOKEN_MAX_CHARS)]
    save: bool = False


class RecordingView(Struct, frozen=True):
    id: str
    meeting_id: str
    title: str
    state: RecordingState
    started_at_ms: int
    film_ms: int
    size_bytes: int
    done: float  # while it is finished: how much of the work, 0 to 1
    chapters: tuple[Chapter, ...]
    shared_until_ms: int  # 0 = not shared
    trashed_at_ms: int
    may_change: bool
    film_url: str  # "" until there is one
    sound_url: str  # of the sound by itself; "" until somebody asked for it
    sound_bytes: int
    sound_done: float | None  # while it is made: how much of the work


class TrackView(Struct, frozen=True):
    id: str
    participant_id: str  # of a seat: who left and came back has another
    name: str
    source: Source
    codec: str
    begins_ms: int  # in the film; a little before it is below 0
    length_ms: int
    size_bytes: int
    url: str


class TrackList(Struct, frozen=True):
    tracks: tuple[TrackView, ...]


class RecordingList(Struct, frozen=True):
    recordings: tuple[RecordingView, ...]
    more: bool


class ShareView(Struct, frozen=True):
    url: str
    expires_at_ms: int


class SharedView(Struct, frozen=True):
    title: str
    started_at_ms: int
    film_ms: int
    size_bytes: int
    chapters: tuple[Chapter, ...]
    film_url: str


class RecordingEndpoints:
    def __init__(self, recordings: RecordingService) -> None:
        self._recordings = recordings

    def table(self) -> tuple[Endpoint, ...]:
        one = "/api/recordings/{id}"
        changed = (Code.NOT_FOUND, Code.FORBIDDEN)
        return (
            Endpoint(
                method="GET",
                path="/api/recordings",
                access=Access.MEMBER,
                handler=self.list_recordings,
                input=RecordingsQuery,
                output=RecordingList,
                about="Recordings of meetings that one hosts, was in or administers, newest first.",
            ),
            Endpoint(
                method="GET",
                path=one,
                access=Access.MEMBER,
                handler=self.get_recording,
                output=RecordingView,
                refusals=(Code.NOT_FOUND,),
                about="One recording, for who was in the meeting or manages it.",
            ),
            Endpoint(
                method="PATCH",
                path=one,
                access=Access.MEMBER,
                handler=self.rename_recording,
                input=RenameRecording,
                output=RecordingView,
                refusals=changed,
                about="Rename it.",
            ),
            Endpoint(
                method="DELETE",
                path=one,
                access=Access.MEMBER,
                handler=self.trash_recording,
                refusals=(*changed, Code.WRONG_STATE),
                about="Move it to the trash; not while it is being made.",
            ),
            Endpoint(
                method="POST",
                path=f"{one}/restore",
                access=Access.MEMBER,
                handler=self.restore_recording,
                output=RecordingView,
                refusals=changed,
                about="Take it out of the trash.",
            ),
            Endpoint(
                method="GET",
                path=f"{one}/film",
                access=Access.MEMBER,
                handler=self.get_film,
                input=FilmQuery,
                media_type=MediaType.MP4,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="The film (MP4), whole or a range of it.",
            ),
            Endpoint(
                method="POST",
                path=f"{one}/sound",
                access=Access.MEMBER,
                handler=self.make_sound,
                output=RecordingView,
                status=202,
                refusals=(*changed, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="Make its sound a file of its own; the recording tells how far that is.",
            ),
            Endpoint(
                method="GET",
                path=f"{one}/sound",
                access=Access.MEMBER,
                handler=self.get_sound,
                input=FilmQuery,
                media_type=MediaType.M4A,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="The sound by itself (M4A), whole or a range of it.",
            ),
            Endpoint(
                method="GET",
                path=f"{one}/tracks",
                access=Access.MEMBER,
                handler=self.list_tracks,
                output=TrackList,
                refusals=changed,
                about="Everybody's microphone, camera and screen by themselves, where they were asked for, and where "
                "each begins in the film. For who manages the meeting.",
            ),
            Endpoint(
                method="GET",
                path=f"{one}/tracks/{{track_id}}",
                access=Access.MEMBER,
                handler=self.get_track,
                input=FilmQuery,
                media_type=MediaType.WEBM,
                refusals=changed,
                about="One of them as it was received (WebM; H.264 in MP4), whole or a range of it.",
            ),
            Endpoint(
                method="POST",
                path=f"{one}/share",
                access=Access.MEMBER,
                handler=self.share_recording,
                input=NewShare,
                output=ShareView,
                status=201,
                refusals=(*changed, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="A link by which anybody sees the film until it expires. An earlier link is over.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{one}/share",
                access=Access.MEMBER,
                handler=self.unshare_recording,
                refusals=changed,
                about="End the link.",
            ),
            Endpoint(
                method="GET",
                path="/api/shared-recording",
                access=Access.ANYONE,
                handler=self.get_shared_recording,
                input=ShareQuery,
                output=SharedView,
                refusals=(Code.LINK_EXPIRED, Code.RATE_LIMITED),
                rate=SHARE_VISITS,
                about="What a share link leads to.",
            ),
            Endpoint(
                method="GET",
                path="/api/shared-recording/film",
                access=Access.ANYONE,
                handler=self.get_shared_film,
                input=SharedFilmQuery,
                media_type=MediaType.MP4,
                refusals=(Code.LINK_EXPIRED,),
                about="The film behind a share link, whole or a range of it.",
            ),
        )

    async def list_recordings(self, call: Call[RecordingsQuery]) -> Reply:
        asked = call.input
        member = call.caller.signed_in
        found, more = await self._recordings.listed(
            member, trashed=asked.trashed, search=asked.search, before=asked.before, limit=asked.limit
        )
        return Reply(RecordingList(tuple(self._view(one, False) for one in found), more))

    async def get_recording(self, call: Call[Nothing]) -> Reply:
        recording, may_change = await self._recordings.seen(call.caller.signed_in, call.path["id"])
        return Reply(self._view(recording, may_change))

    async def rename_recording(self, call: Call[RenameRecording]) -> Reply:
        changed = await self._recordings.rename(call.caller.signed_in, call.path["id"], call.input.title)
        return Reply(self._view(changed, True))

    async def trash_recording(self, call: Call[Nothing]) -> Reply:
        await self._recordings.trash(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def restore_recording(self, call: Call[Nothing]) -> Reply:
        return Reply(self._view(await self._recordings.restore(call.caller.signed_in, call.path["id"]), True))

    async def get_film(self, call: Call[FilmQuery]) -> Reply:
        recording, _ = await self._recordings.seen(call.caller.signed_in, call.path["id"])
        return await self._stream(recording, call.input.save)

    async def make_sound(self, call: Call[Nothing]) -> Reply:
        return Reply(self._view(await self._recordings.make_sound(call.caller.signed_in, call.path["id"]), True))

    async def get_sound(self, call: Call[FilmQuery]) -> Reply:
        recording, _ = await self._recordings.seen(call.caller.signed_in, call.path["id"])
        if recording.sound_sha256 is None:
            raise Refusal(Code.WRONG_STATE, "its sound was not taken out")
        await self._recordings.looked_at(recording, saved=call.input.save)
        return Reply(
            Streamed(
                partial(self._recordings.sound, recording),
                MediaType.M4A,
                recording.sound_bytes,
                recording.sound_sha256,
                f"{recording.title}.m4a" if call.input.save else "",
            )
        )

    async def list_tracks(self, call: Call[Nothing]) -> Reply:
        tracks = await self._recordings.tracks(call.caller.signed_in, call.path["id"])
        return Reply(TrackList(tuple(_track_view(call.path["id"], track) for track in tracks)))

    async def get_track(self, call: Call[FilmQuery]) -> Reply:
        recording, track = await self._recordings.track(call.caller.signed_in, call.path["id"], call.path["track_id"])
        await self._recordings.looked_at(recording, saved=call.input.save)
        name = f"{recording.title} - {track.name} - {track.source}.{track.suffix}" if call.input.save else ""
        content = partial(self._recordings.track_bytes, track)
        return Reply(Streamed(content, track.media_type, track.size_bytes, track.sha256, name))

    async def share_recording(self, call: Call[NewShare]) -> Reply:
        token, until = await self._recordings.share(call.caller.signed_in, call.path["id"], call.input.hours)
        return Reply(ShareView(f"{call.caller.base_url}/shared-recording#{token}", until))

    async def unshare_recording(self, call: Call[Nothing]) -> Reply:
        await self._recordings.unshare(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def get_shared_recording(self, call: Call[ShareQuery]) -> Reply:
        recording = await self._recordings.shared(call.input.token)
        return Reply(
            SharedView(
                recording.title,
                recording.started_at_ms,
                recording.film_ms,
                recording.size_bytes,
                recording.chapters,
                f"/api/shared-recording/film?token={call.input.token}",
            )
        )

    async def get_shared_film(self, call: Call[SharedFilmQuery]) -> Reply:
        return await self._stream(await self._recordings.shared(call.input.token), call.input.save)

    # ------------------------------------------------------------ inside

    async def _stream(self, recording: Recording, save: bool) -> Reply:
        if recording.sha256 is None:
            raise Refusal(Code.WRONG_STATE, "there is no film yet")
        await self._recordings.looked_at(recording, saved=save)
        return Reply(
            Streamed(
                partial(self._recordings.film, recording),
                MediaType.MP4,
                recording.size_bytes,
                recording.sha256,
                f"{recording.title}.mp4" if save else "",
            )
        )

    def _view(self, recording: Recording, may_change: bool) -> RecordingView:
        film_ms, size_bytes = self._recordings.length_of(recording)
        return RecordingView(
            id=recording.id,
            meeting_id=recording.meeting_id,
            title=recording.title,
            state=recording.state,
            started_at_ms=recording.started_at_ms,
            film_ms=film_ms,
            size_bytes=size_bytes,
            done=self._recordings.share_done(recording),
            chapters=recording.chapters,
            shared_until_ms=recording.share_expires_at_ms,
            trashed_at_ms=recording.trashed_at_ms,
            may_change=may_change,
            film_url=f"/api/recordings/{recording.id}/film" if recording.sha256 else "",
            sound_url=f"/api/recordings/{recording.id}/sound" if recording.sound_sha256 else "",
            sound_bytes=recording.sound_bytes,
            sound_done=self._recordings.sound_done(recording),
        )


def _track_view(recording_id: str, track: RecordedTrack) -> TrackView:
    return TrackView(
        id=track.id,
        participant_id=track.participant_id,
        name=track.name,
        source=track.source,
        codec=track.codec,
        begins_ms=track.begins_ms,
        length_ms=track.length_ms,
        size_bytes=track.size_bytes,
        url=f"/api/recordings/{recording_id}/tracks/{track.id}",
    )
