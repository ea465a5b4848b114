"""Recordings: written down while they are made, finished when they end, seen by whom they concern."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from collab.accounts.models import Member
from collab.accounts.service import hash_token
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.service import AuditService
from collab.clock import new_id, new_secret, now_ms
from collab.files.models import MediaType
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.meetings.repository import MeetingRepository
from collab.meetings.service import clean_title, manages
from collab.problems import Refusal
from rooms.core.codes import Code
from rooms.tasks import TaskOwner
from signaling.egress.recording import Part

from .finishing import FILM, SOUND, Made, MadeTrack, note_chapters, parts_of
from .models import Chapter, RecordedTrack, Recording, RecordingState
from .repository import RecordingRepository
from .transcript import CAPTIONS, Said, note

FINISH_MAX_S: Final = 3_600.0
RETRY_S: Final = 60.0
COMES_BACK_S: Final = 90.0  # a room whose server died and that is recorded is back by then, or nobody is in it any more
ATTEMPTS_MAX: Final = 5
ID_CHARS: Final = 26  # of an account; guests have longer ones
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
SHARES_OF_ACCOUNT = rate("shares", burst=60, per_minute=10)
SOUNDS_OF_ACCOUNT = rate("sounds", burst=30, per_minute=6)

log = structlog.get_logger("recordings")


class RecordingService:
    """Implements signaling.egress.rooms.RecordingLedger.  `folder` holds what is being made, a folder each."""

    def __init__(
        self,
        recordings: RecordingRepository,
        meetings: MeetingRepository,
        files: Files,
        limits: Limits,
        folder: Path,
        audit: AuditService,
        comes_back_s: float = COMES_BACK_S,
    ) -> None:
        self._recordings = recordings
        self._meetings = meetings
        self._audit = audit
        self._files = files
        self._limits = limits
        self._folder = folder
        self._shares: dict[str, float] = {}  # of recordings that are being finished, how much is done
        self._sounds: dict[str, float] = {}  # of recordings whose sound is taken out, likewise
        self._lengths: dict[str, tuple[int, int]] = {}  # of those that are being made: ms, bytes
        self._comes_back_s = comes_back_s
        self._heard_by: list[Callable[[str], Awaitable[None]]] = []
        self._captioned_by: list[Callable[[str, str], Awaitable[None]]] = []
        self._turn = asyncio.Lock()  # one at a time is finished: it is disk work
        self._tasks = TaskOwner()

    def when_ready(self, tell: Callable[[str], Awaitable[None]]) -> None:
        """`tell` hears of each film that can be watched: the room's id."""
        self._heard_by.append(tell)

    def when_captioned(self, tell: Callable[[str, str], Awaitable[None]]) -> None:
        """`tell` hears of each film of which is known what was said: its id and captions (WebVTT)."""
        self._captioned_by.append(tell)

    async def start(self, is_made: Callable[[str], bool]) -> None:
        """Finish what a former life of this node left, unless its room comes back and it goes on."""
        self._tasks.start(self._finish_left_over(is_made), "finish what was left over")

    async def _finish_left_over(self, is_made: Callable[[str], bool]) -> None:
        await asyncio.sleep(self._comes_back_s)
        for recording in await self._recordings.unfinished():
            if not is_made(recording.id) and await asyncio.to_thread(self._at(recording.id).is_dir):
                log.info("recording_left_over", recording=recording.id)
                await self._finish(recording.id)

    async def close(self) -> None:
        await self._tasks.close()

    # ------------------------------------------------------------ signaling.egress.rooms.RecordingLedger

    async def begun(self, recording_id: str, room_id: str, by: str) -> tuple[Path, int]:
        folder = self._at(recording_id)
        async with self._turn:
            before = await self._recordings.get(recording_id)
            await asyncio.to_thread(lambda: folder.mkdir(parents=True, exist_ok=True, mode=0o700))
            if before is not None and before.state is RecordingState.READY and before.sha256 is not None:
                await self._bring_back(before, before.sha256, folder)
            await self._recordings.begin(recording_id, room_id, by if len(by) == ID_CHARS else None, now_ms())
        return folder, len(await asyncio.to_thread(parts_of, folder))

    def progressed(self, recording_id: str, film_ms: int, size_bytes: int) -> None:
        self._lengths[recording_id] = (film_ms, size_bytes)

    async def said(self, recording_id: str, said: Said) -> None:
        """Raises OSError."""
        await asyncio.to_thread(note, self._at(recording_id), said)

    async def ended(self, recording_id: str, parts: Sequence[Part]) -> None:
        self._lengths.pop(recording_id, None)
        await self._note_chapters(recording_id, parts)
        await self._recordings.move(recording_id, RecordingState.FINISHING)
        self._tasks.start(self._finish(recording_id), f"finish {recording_id}")

    async def left(self, recording_id: str, parts: Sequence[Part]) -> None:
        await self._note_chapters(recording_id, parts)

    async def _note_chapters(self, recording_id: str, parts: Sequence[Part]) -> None:
        chapters = {part.name: part.chapters for part in parts if part.chapters}
        await asyncio.to_thread(note_chapters, self._at(recording_id), chapters)

    # ------------------------------------------------------------ for members

    async def listed(
        self, by: Member, *, trashed: bool, search: str, before: str, limit: int
    ) -> tuple[list[Recording], bool]:
        found = await self._recordings.listed(
            by.account.id,
            by.administered_ids,
            all_of_park=by.administers_park,
            trashed=trashed,
            search=search,
            before=before,
            limit=limit + 1,
        )
        return found[:limit], len(found) > limit

    def share_done(self, recording: Recording) -> float:
        """0 to 1, of one that is being finished."""
        return self._shares.get(recording.id, 0.0)

    def length_of(self, recording: Recording) -> tuple[int, int]:
        """(ms, bytes) so far."""
        return self._lengths.get(recording.id, (recording.film_ms, recording.size_bytes))

    async def seen(self, by: Member, recording_id: str) -> tuple[Recording, bool]:
        """And whether it may be changed.  For who was there or manages the meeting; NOT_FOUND for everybody else."""
        recording = await self._recordings.get(recording_id)
        if recording is None:
            raise Refusal(Code.NOT_FOUND, "no such recording")
        meeting = await self._meetings.get(recording.meeting_id)
        if meeting is not None and manages(by, meeting):
            return recording, True
        if recording.trashed_at_ms or not await self._recordings.was_there(recording.meeting_id, by.account.id):
            raise Refusal(Code.NOT_FOUND, "another's recording")
        return recording, False

    async def managed(self, by: Member, recording_id: str) -> Recording:
        """Raises NOT_FOUND, FORBIDDEN."""
        recording, may_change = await self.seen(by, recording_id)
        if not may_change:
            raise Refusal(Code.FORBIDDEN, "neither host nor administrator")
        return recording

    async def rename(self, by: Member, recording_id: str, title: str) -> Recording:
        await self.managed(by, recording_id)
        await self._recordings.rename(recording_id, clean_title(title))
        return await self.managed(by, recording_id)

    async def trash(self, by: Member, recording_id: str) -> None:
        recording = await self.managed(by, recording_id)
        if recording.state is RecordingState.RECORDING:
            raise Refusal(Code.WRONG_STATE, "it is being made")
        if not recording.trashed_at_ms:
            await self._recordings.set_trashed(recording_id, now_ms())

    async def restore(self, by: Member, recording_id: str) -> Recording:
        await self.managed(by, recording_id)
        await self._recordings.set_trashed(recording_id, 0)
        return await self.managed(by, recording_id)

    async def share(self, by: Member, recording_id: str, hours: int) -> tuple[str, int]:
        """(token, expires_at_ms): whoever has the link sees the film.  An earlier link is over."""
        await self._limits.take(SHARES_OF_ACCOUNT, by.account.id)
        recording = await self.managed(by, recording_id)
        if recording.state is not RecordingState.READY or recording.trashed_at_ms:
            raise Refusal(Code.WRONG_STATE, "there is no film to share")
        token, expires_at_ms = new_secret(), now_ms() + hours * HOUR_MS
        await self._recordings.share(recording_id, hash_token(token), expires_at_ms)
        log.info("recording_shared", recording=recording_id, by=by.account.id)
        return token, expires_at_ms

    async def unshare(self, by: Member, recording_id: str) -> None:
        await self.managed(by, recording_id)
        await self._recordings.share(recording_id, None, 0)

    async def shared(self, token: str) -> Recording:
        """Raises LINK_EXPIRED, for a token that never was too."""
        recording = await self._recordings.shared(hash_token(token), now_ms())
        if recording is None or recording.state is not RecordingState.READY:
            raise Refusal(Code.LINK_EXPIRED, "no such share")
        return recording

    async def make_sound(self, by: Member, recording_id: str) -> Recording:
        """Its sound as a file of its own, in a while; the recording says how far it is.  Once, however often asked."""
        await self._limits.take(SOUNDS_OF_ACCOUNT, by.account.id)
        recording = await self.managed(by, recording_id)
        if recording.state is not RecordingState.READY or recording.sha256 is None or recording.trashed_at_ms:
            raise Refusal(Code.WRONG_STATE, "there is no film yet")
        if recording.sound_sha256 is None and recording_id not in self._sounds:
            self._sounds[recording_id] = 0.0
            self._tasks.start(self._take_sound(recording, recording.sha256), f"sound of {recording_id}")
        return recording

    def sound_done(self, recording: Recording) -> float | None:
        """0 to 1, while it is made; None when nobody has asked for it, or it is there."""
        return self._sounds.get(recording.id)

    def sound(self, recording: Recording, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes from `start` to before `end`."""
        if recording.sound_sha256 is None:
            raise Refusal(Code.WRONG_STATE, "its sound was not taken out")
        return self._files.stream(recording.sound_sha256, start, end)

    def film(self, recording: Recording, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes from `start` to before `end`."""
        if recording.sha256 is None:
            raise Refusal(Code.WRONG_STATE, "there is no film yet")
        return self._files.stream(recording.sha256, start, end)

    async def tracks(self, by: Member, recording_id: str) -> list[RecordedTrack]:
        """Everybody's by themselves: for who manages the meeting only.  Raises NOT_FOUND, FORBIDDEN."""
        await self.managed(by, recording_id)
        return await self._recordings.tracks(recording_id)

    async def track(self, by: Member, recording_id: str, track_id: str) -> tuple[Recording, RecordedTrack]:
        """Raises NOT_FOUND, FORBIDDEN."""
        recording = await self.managed(by, recording_id)
        found = await self._recordings.track(recording_id, track_id)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such track")
        return recording, found

    def track_bytes(self, track: RecordedTrack, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes from `start` to before `end`."""
        return self._files.stream(track.sha256, start, end)

    async def looked_at(self, recording: Recording, *, saved: bool) -> None:
        """Kept in the audit log, once an hour for each person: players ask for a film in many pieces."""
        action = AuditAction.RECORDING_SAVED if saved else AuditAction.RECORDING_WATCHED
        if self._audit.first_look(action, recording.id):
            meeting = await self._meetings.get(recording.meeting_id)
            await self._audit.note(
                action,
                Subject(SubjectKind.RECORDING, recording.id, recording.title),
                meeting.organization_id if meeting else "",
            )

    # ------------------------------------------------------------ inside

    def _at(self, recording_id: str) -> Path:
        return self._folder / recording_id

    async def _finish(self, recording_id: str) -> None:
        for attempt in range(ATTEMPTS_MAX):
            try:
                async with self._turn:
                    await self._finish_once(recording_id)
                return
            except Exception:
                log.exception("recording_not_finished", recording=recording_id, attempt=attempt)
            finally:
                self._shares.pop(recording_id, None)
            await asyncio.sleep(RETRY_S)

    async def _take_sound(self, recording: Recording, film_sha256: str) -> None:
        folder = self._folder / f"{recording.id}.sound"
        try:
            async with self._turn:
                await asyncio.to_thread(lambda: folder.mkdir(parents=True, exist_ok=True, mode=0o700))
                await self._fetch(film_sha256, folder / FILM)
                made = await self._run("--sound", str(folder), recording.title, shares=self._sounds, of=recording.id)
                if made.sha256:
                    await self._files.keep_file(folder / SOUND, made.sha256, made.size_bytes, MediaType.M4A)
                    await self._recordings.keep_sound(recording.id, film_sha256, made.sha256, made.size_bytes)
        finally:
            self._sounds.pop(recording.id, None)
            await asyncio.to_thread(shutil.rmtree, folder, True)

    async def _fetch(self, sha256: str, path: Path) -> None:
        with await asyncio.to_thread(path.open, "wb") as file:
            async for piece in self._files.stream(sha256):
                await asyncio.to_thread(file.write, piece)

    async def _bring_back(self, recording: Recording, sha256: str, folder: Path) -> None:
        """It was finished already and goes on now: the film is the first part of the next."""
        part = folder / "part-000.mp4"
        await self._fetch(sha256, part)
        chapters = tuple((chapter.at_ms, chapter.title) for chapter in recording.chapters)
        await asyncio.to_thread(note_chapters, folder, {part.name: chapters})

    async def _finish_once(self, recording_id: str) -> None:
        recording = await self._recordings.get(recording_id)
        if recording is None or recording.state in (RecordingState.READY, RecordingState.EMPTY):
            return
        await self._recordings.move(recording_id, RecordingState.FINISHING)
        folder = self._at(recording_id)
        made = await self._run(str(folder), recording.title, shares=self._shares, of=recording_id)
        if made.sha256:
            await self._files.keep_file(folder / FILM, made.sha256, made.size_bytes, MediaType.MP4)
            chapters = [Chapter(at_ms, title) for at_ms, title in made.chapters]
            await self._keep_captions(recording_id, folder / CAPTIONS)
            tracks = [await self._keep_track(folder, track) for track in made.tracks]
            await self._recordings.finish(recording_id, made.sha256, made.film_ms, made.size_bytes, chapters, tracks)
            for tell in self._heard_by:
                await tell(recording.meeting_id)
        else:
            await self._recordings.move(recording_id, RecordingState.EMPTY)
        await asyncio.to_thread(shutil.rmtree, folder, True)
        log.info("recording_finished", recording=recording_id, film_ms=made.film_ms, size_bytes=made.size_bytes)

    async def _keep_captions(self, recording_id: str, path: Path) -> None:
        if await asyncio.to_thread(path.exists):
            captions = await asyncio.to_thread(path.read_text, "utf-8")
            for tell in self._captioned_by:
                await tell(recording_id, captions)

    async def _keep_track(self, folder: Path, made: MadeTrack) -> RecordedTrack:
        track = RecordedTrack(
            new_id(), made.participant_id, made.identity, made.name, made.source, made.codec, made.begins_ms,
            made.length_ms, made.size_bytes, made.sha256,
        )  # fmt: skip
        await self._files.keep_file(folder / made.file, made.sha256, made.size_bytes, track.media_type)
        return track

    async def _run(self, *words: str, shares: dict[str, float], of: str) -> Made:
        """The process that makes films (finishing.py); what it says of its progress is noted in `shares`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "collab.recordings.finishing", *words, stdout=asyncio.subprocess.PIPE
        )
        made = Made()
        try:
            async with asyncio.timeout(FINISH_MAX_S):
                if process.stdout is None:
                    raise RuntimeError("started without a pipe")
                while line := await process.stdout.readline():
                    made = msgspec.json.decode(line, type=Made)
                    shares[of] = made.share
                if await process.wait() != 0:
                    raise RuntimeError(f"finishing ended with {process.returncode}")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return made
