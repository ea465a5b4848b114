"""What an egress process does, without its sockets: packets and instructions in, a film and packets for the server out.

Everything is shown DELAY_MS after it happened, so that what is late, or was sent again, still finds its place, and
pictures and sounds of one person stay together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from av.video.frame import VideoFrame

from rooms.core.model import TrackKind

from . import wire
from .canvas import Canvas
from .passage import Unfit
from .peer import Incoming, Peer
from .pictures import PictureSource
from .reel import Reel
from .rtp import Ordered
from .segments import SEGMENT_MS
from .sound import RATE, Samples, SoundSource, mix
from .switch import Switch, filling
from .tracks import KeptTrack, Shelf
from .wire import DELAY_MS

log = structlog.get_logger(__name__)

LATE_FRAMES_MAX: Final = 5  # behind by more than so many pictures: they are left out
KEY_EVERY_MS: Final = 1_000
KEY_LATE_MS: Final = 150  # after a segment's length: the source sends keys less often by itself
STREAMS_MAX: Final = 64
SILENT_MS: Final = 3_000  # a picture that has not moved for so long does not count as arriving


class _Received:
    """`kept`: by itself too; then what the film does not show is not decoded."""

    def __init__(self, stream: wire.Stream, kept: KeptTrack | None) -> None:
        self.stream = stream
        self.kept = kept
        self.shown = True
        self.ordered = Ordered()
        self.picture = PictureSource() if stream.source.kind is TrackKind.VIDEO else None
        self.sound = SoundSource() if stream.source.kind is TrackKind.AUDIO else None
        self.asked_key_ms = -KEY_EVERY_MS

    def report(self, timestamp: int, unix_ms: float) -> None:
        for source in (self.picture, self.sound, self.kept):
            if source is not None:
                source.report(timestamp, unix_ms)

    def drain(self, now_ms: int, unix_ms: float) -> None:
        for packet in self.ordered.take(now_ms):
            if self.kept is not None:
                self.kept.put(packet, unix_ms)
            if self.picture is not None and self.shown:
                self.picture.put(packet, unix_ms)
            elif self.sound is not None and self.stream.heard:
                self.sound.put(packet, unix_ms)

    def look(self, shown: bool) -> None:
        """Whether the film shows it."""
        if self.kept is not None and self.picture is not None and shown is not self.shown:
            self.shown = shown
            self.picture.forget()

    @property
    def wants_key(self) -> bool:
        return (self.shown and self.picture is not None and self.picture.wants_key) or (
            self.kept is not None and self.kept.wants_key
        )


class Recorder:
    """`send` takes datagrams for the server.  `now_ms` is of a clock that only goes forward, `unix_ms` the world's.

    Raises OSError when the film cannot be made, and later when it cannot be written.
    """

    def __init__(
        self,
        begin: wire.Begin,
        send: Callable[[bytes], None],
        unix_ms: float,
        tell: Callable[[wire.PartWritten | wire.Spliced], None] = lambda _report: None,
    ) -> None:
        self._send = send
        self._peer: Peer | None = None
        self._reel = Reel(begin, tell)
        self._shelf = Shelf(Path(begin.path)) if begin.tracks else None
        self._switch = Switch()
        self._size = (begin.width, begin.height)
        self._canvas = Canvas(begin.width, begin.height, begin.font)
        self._frame_ms = 1_000 / begin.frames_per_s
        self._samples_per_frame = RATE // begin.frames_per_s
        self._streams: dict[int, _Received] = {}
        self._scene = wire.Scene(())
        self._paused = False
        self._begun_ms = unix_ms  # where the film's present stretch begins ...
        self._begun_frames = 0  # ... and how long it was then
        self._frames = 0  # of all its files; the next picture is number `frames`
        self.late_frames = 0

    # ------------------------------------------------------------ instructions

    def connect(self, connect: wire.Connect) -> None:
        """Streams of a former connection are over; the film goes on."""
        self._peer = Peer(connect)
        for ssrc in list(self._streams):
            self._forget(ssrc)

    def follow(self, streams: tuple[wire.Stream, ...]) -> None:
        wanted = {stream.ssrc: stream for stream in streams[:STREAMS_MAX]}
        for ssrc in self._streams.keys() - wanted:
            self._forget(ssrc)
        for ssrc, stream in wanted.items():
            if ssrc in self._streams:
                self._streams[ssrc].stream = stream
            else:
                self._streams[ssrc] = _Received(stream, self._keep(stream))
        self._look()
        if self._peer is not None:
            self._peer.follow(wanted.values())

    def show(self, scene: wire.Scene) -> None:
        self._scene = scene
        self._look()

    def chapter(self, title: str, ago_ms: int = 0) -> None:
        """Not before the one before it."""
        chapters = self._reel.chapters
        after = chapters[-1][0] if chapters else 0
        chapters.append((max(after, self._reel.film_ms - ago_ms), title))

    def pause(self) -> None:
        self._paused = True
        for one in self._kept():
            one.pause()

    def resume(self, unix_ms: float) -> None:
        if self._paused:
            self._paused = False
            self._begun_ms, self._begun_frames = unix_ms, self._frames
            self._switch.falter(unix_ms)
            for one in self._kept():
                one.resume()

    def progress(self, unix_ms: float, cpu_ms: int) -> wire.Progress:
        alive = sum(
            1 for one in self._streams.values() if one.picture and unix_ms - one.picture.last_ms < SILENT_MS + DELAY_MS
        )
        return wire.Progress(
            self._reel.film_ms, self._reel.size_bytes, self.late_frames, alive, cpu_ms, tuple(self._reel.chapters)
        )

    def end(self) -> wire.Ended:
        """Closes the film."""
        for one in self._kept():
            one.close()
        self._reel.close()
        return wire.Ended(self._reel.film_ms, self._reel.size_bytes, tuple(self._reel.chapters))

    # ------------------------------------------------------------ media

    def receive(self, datagram: bytes, now_ms: int, unix_ms: float) -> None:
        if self._peer is None:
            return
        found = self._peer.receive(datagram)
        if isinstance(found, Incoming):
            one = self._streams.get(found.ssrc)
            if one is not None:
                one.ordered.put(found.packet, now_ms)
                one.drain(now_ms, unix_ms)
        elif found:
            for report in found:
                if (known := self._streams.get(report.ssrc)) is not None:
                    known.report(report.timestamp, report.unix_ms)

    def tend(self, now_ms: int, unix_ms: float) -> None:
        """To be called every 20 ms or so: checks, what is asked for again, reports."""
        peer = self._peer
        if peer is None:
            return
        for ssrc, one in self._streams.items():
            one.drain(now_ms, unix_ms)
            if one.picture is None:
                continue
            if due := one.ordered.ask_for(now_ms):
                self._send(peer.ask_again(ssrc, due))
            wants_key = one.wants_key or self._waits_for_key(one.stream.track_id, one.picture)
            if wants_key and one.ordered.received and now_ms - one.asked_key_ms >= KEY_EVERY_MS:
                one.asked_key_ms = now_ms
                self._send(peer.ask_key(ssrc))
        for packet in peer.tend(now_ms, ((ssrc, one.ordered) for ssrc, one in self._streams.items())):
            self._send(packet)

    def film(self, unix_ms: float) -> int:
        """Write all pictures that are due by now; how many."""
        if self._paused:
            return 0
        due = int((unix_ms - DELAY_MS - self._begun_ms) / self._frame_ms) + self._begun_frames
        written = 0
        while self._frames < due:
            shown_ms = self._begun_ms + (self._frames - self._begun_frames) * self._frame_ms
            sources = [one.sound for one in self._streams.values() if one.sound is not None and one.stream.heard]
            sound = mix(sources, round(shown_ms * RATE / 1_000), self._samples_per_frame)
            if not self._pass_on(sound, shown_ms):
                self._compose(sound, shown_ms, behind=due - self._frames)
            for one in self._kept():
                one.write(shown_ms, self._frames * self._frame_ms)
            self._frames += 1
            written += 1
        return written

    # ------------------------------------------------------------ tracks by themselves

    def _keep(self, stream: wire.Stream) -> KeptTrack | None:
        if self._shelf is None or not stream.owner_id:
            return None
        kept = KeptTrack(stream, self._shelf)
        if self._paused:
            kept.pause()
        return kept

    def _kept(self) -> list[KeptTrack]:
        return [one.kept for one in self._streams.values() if one.kept is not None]

    def _forget(self, ssrc: int) -> None:
        one = self._streams.pop(ssrc)
        if one.kept is not None:
            one.kept.close()

    def _look(self) -> None:
        shown = {tile.track_id for tile in self._scene.tiles}
        for one in self._streams.values():
            one.look(one.stream.track_id in shown)

    # ------------------------------------------------------------ one step

    def _compose(self, sound: Samples, shown_ms: float, behind: int) -> None:
        for one in self._streams.values():
            if one.picture is not None:
                one.picture.wake()
        picture = None
        if behind <= LATE_FRAMES_MAX:
            picture = self._canvas.compose(self._scene, partial(self._picture, unix_ms=shown_ms))
        else:
            self.late_frames += 1
        self._reel.compose(picture, sound, shown_ms)

    def _pass_on(self, sound: Samples, shown_ms: float) -> bool:
        """Whether the step is done: one source's pictures were passed on."""
        switch, ends_ms = self._switch, shown_ms + self._frame_ms
        switch.look(filling(self._scene, *self._size) if self._reel.can_pass else "", shown_ms)
        due = {
            one.stream.track_id: one.picture.units.take(ends_ms)
            for one in self._streams.values()
            if one.picture is not None and one.picture.units is not None
        }
        if switch.passed and (switch.passed != switch.filling or switch.passed not in due):
            switch.end()
        track_id = switch.passed or switch.wanted(shown_ms)
        units = due.get(track_id, [])
        source = self._source(track_id)
        if source is None or source.units is None:
            return False
        passage = self._reel.passage
        try:
            if switch.passed and passage is not None:
                if cause := passage.fits(units, ends_ms):
                    raise Unfit(cause)
            else:
                key = max((at for at, unit in enumerate(units) if unit.key), default=None)
                if key is None:
                    return False
                units = units[key:]
                source.rest(units)
                switch.begin(shown_ms)
            self._reel.pass_on(units, sound, shown_ms)
        except Unfit as error:
            log.info("a source is not passed on", cause=str(error))
            switch.falter(shown_ms)
            return False
        return True

    def _waits_for_key(self, track_id: str, source: PictureSource) -> bool:
        """It may be passed on with the next one, or a segment has gone on for long enough."""
        if source.units is None or source.units.last is None:
            return False
        if track_id != self._switch.passed:
            return track_id == self._switch.wanted(source.last_ms - DELAY_MS)
        return source.last_ms - source.units.key_ms > SEGMENT_MS + KEY_LATE_MS

    def _source(self, track_id: str) -> PictureSource | None:
        found = (one.picture for one in self._streams.values() if track_id and one.stream.track_id == track_id)
        return next(found, None)

    def _picture(self, track_id: str, unix_ms: float) -> VideoFrame | None:
        source = self._source(track_id)
        return source.at(unix_ms) if source is not None else None
