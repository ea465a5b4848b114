"""One room on one worker: its seats, the directory of live tracks, who speaks, and messages between seats."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import structlog

from rooms.core.assist_model import AssistRole
from rooms.core.codes import Code
from rooms.core.model import Grant, Source, TrackKind
from rooms.core.stage_model import Staging
from signaling.egress import wire
from signaling.messages import MediaNotice, Offer, PublishedMedia, Undecodable, Want, ignore_notice
from signaling.ports import MediaRejected, PublishedResult
from signaling.webrtc.codecs import Codec
from signaling.webrtc.sctp import Channel
from signaling.webrtc.transport import LocalTransport

from . import data
from .audience import StageAudience, scene_of
from .codec_control import Receiver, RoomCodecs
from .directory import TrackDirectory
from .link import LinkServices, LinkState
from .placement import Placement
from .publisher import Publisher
from .pump import WorkerPump
from .rates import EncodingRates
from .reach import Reach
from .subscriber import Subscriber
from .tap import Tap
from .tracks import LiveTrack
from .viewer import Viewer
from .wants import SCREEN_SOURCES, Chosen, Listed, Selection, choose

log = structlog.get_logger(__name__)

SEATS_MAX: Final = 1_200  # a room holds 1,000 participants; viewers and recorders are hidden and come on top
# Every seat is looked at when a track appears.  In a large room that is put together over this time.
LARGE_ROOM_PAIRS: Final = 2_000
LARGE_ROOM_DELAY_MS: Final = 50
SEATS_PER_SLICE: Final = 8


class MediaSeat:
    def __init__(self, participant_id: str, number: int, grant: Grant, publisher: Publisher, now_ms: int) -> None:
        self.participant_id = participant_id
        self.number = number  # in the core: nobody is sent their own voice
        self.grant = grant
        self.publisher = publisher
        self.subscriber: Subscriber | None = None
        self.viewer: Viewer | None = None
        self.listed: Listed | None = None
        self.on_speakers: Callable[[tuple[str, ...]], None] | None = None
        self.on_notice: Callable[[MediaNotice], None] = ignore_notice
        self.on_lost: Callable[[], None] | None = None
        self.allowance = data.DataAllowance(now_ms)
        self.reach: Reach | None = None  # when its subscriber sits on another worker than the room
        self.watched: tuple[str, ...] = ()  # ids of the tracks chosen last
        self.streams: tuple[object, ...] = ()  # what its subscriptions were last brought in line with
        self.undecodable: tuple[str, ...] | None = None  # as its page was told

    @property
    def receiver(self) -> Receiver | None:
        return self.subscriber if self.subscriber is not None else self.viewer

    @property
    def seen_ids(self) -> Sequence[str]:
        return self.viewer.track_ids if self.viewer is not None else self.watched


class MediaRoom:
    """Implements pump.SpeakerOwner."""

    def __init__(self, room_id: str, services: LinkServices, placement: Placement, preference: Sequence[Codec]) -> None:
        self.id = room_id
        self.pump = placement.home()
        self._placement = placement
        self._reaches: dict[WorkerPump, Reach] = {}  # where else its subscribers sit
        self._services = services
        self._preference = preference
        self._loop = asyncio.get_running_loop()
        self._handle = self.pump.worker.open_room()
        self.pump.add_room(self._handle, self)
        self._seats: dict[str, MediaSeat] = {}
        self._seat_numbers = itertools.count(1)
        self._tracks = TrackDirectory()  # of all seats
        self._codecs = RoomCodecs(self._tracks, self._seats.values, self._tell_codec)
        self._speakers: tuple[str, ...] = ()
        self._rates = EncodingRates(self.pump.worker.track_stats)
        self._staging: Staging | None = None
        self.audience = StageAudience(services, self._place_viewer, preference, self._rates)
        self._taps: list[Tap] = []
        self._data_allowance = data.RoomAllowance(self.now_ms)
        self._pending_update: asyncio.TimerHandle | None = None
        self._outdated: dict[str, None] = {}  # seats whose turn is still to come, in order

    @property
    def empty(self) -> bool:
        return not self._seats and not len(self.audience)

    @property
    def tracks(self) -> TrackDirectory:
        return self._tracks

    @property
    def speakers(self) -> tuple[str, ...]:
        """Participant ids, loudest first."""
        return self._speakers

    @property
    def now_ms(self) -> int:
        return int(self._loop.time() * 1_000)

    # ------------------------------------------------------------ seats

    def seat(self, participant_id: str) -> MediaSeat:
        """Raises MediaRejected when the seat is not attached."""
        try:
            return self._seats[participant_id]
        except KeyError:
            raise MediaRejected(Code.UNAVAILABLE, f"seat {participant_id} has no media") from None

    def take_seat(self, participant_id: str, grant: Grant) -> MediaSeat:
        seat = self._seats.get(participant_id)
        if seat is None:
            if len(self._seats) >= SEATS_MAX:
                raise MediaRejected(Code.UNAVAILABLE, "too many seats in one room")
            number = next(self._seat_numbers)
            publisher = Publisher(
                self._services,
                self.pump,
                self._handle,
                participant_id,
                number,
                self._preference,
                lambda over: self._publishing_lost(participant_id, over),
                lambda channel, message: self._on_message(participant_id, channel, message),
                lambda notice: self._on_notice(participant_id, notice),
            )
            seat = self._seats[participant_id] = MediaSeat(participant_id, number, grant, publisher, self.now_ms)
        seat.grant = grant
        return seat

    def attach(
        self,
        participant_id: str,
        grant: Grant,
        on_offer: Callable[[Offer], None],
        on_speakers: Callable[[tuple[str, ...]], None],
        on_notice: Callable[[MediaNotice], None] = ignore_notice,
    ) -> None:
        seat = self.take_seat(participant_id, grant)
        seat.on_speakers = on_speakers
        seat.on_notice = on_notice
        seat.publisher.repeat_notices()
        if seat.undecodable is not None:
            on_notice(Undecodable(track_ids=seat.undecodable))
        if grant.subscribe:
            if seat.subscriber is None:
                pump = self._pump_for(seat)
                seat.subscriber = Subscriber(
                    self._services, pump, participant_id, seat.number, self._tracks, self._rates
                )
            seat.subscriber.attach(on_offer, self._selection(seat), on_notice)
        if self._speakers:
            on_speakers(self._speakers)

    def detach(self, participant_id: str) -> None:
        seat = self._seats.get(participant_id)
        if seat is not None:
            seat.on_speakers = None
            seat.on_notice = ignore_notice
            if seat.subscriber is not None:
                seat.subscriber.detach()

    def close_seat(self, participant_id: str) -> None:
        seat = self._seats.pop(participant_id, None)
        if seat is None:
            return
        self._forget_tracks(list(seat.publisher.tracks))
        seat.publisher.close()
        if seat.subscriber is not None:
            seat.subscriber.close()
        if seat.viewer is not None:
            seat.viewer.close()
        seat.on_speakers = seat.on_lost = None
        self.update_soon()

    def close(self) -> None:
        for participant_id in list(self._seats):
            self.close_seat(participant_id)
        self.audience.close()
        if self._pending_update is not None:
            self._pending_update.cancel()
        self._codecs.close()
        for tap in self._taps:
            tap.close()
        for reach in self._reaches.values():
            reach.close()
        self.pump.forget_room(self._handle)
        self.pump.worker.close_room(self._handle)

    def refresh_permissions(self, participant_id: str, grant: Grant) -> None:
        seat = self._seats.get(participant_id)
        if seat is None:
            return
        seat.grant = grant
        stopped = [track.id for track in seat.publisher.tracks.values() if track.source not in grant.publish]
        if stopped:
            self._forget_tracks(stopped)
            for track_id in stopped:
                seat.publisher.drop(track_id)
            self.update_soon()
        if not grant.subscribe:
            if seat.subscriber is not None:
                seat.subscriber.close()
                seat.subscriber = None
            if seat.viewer is not None:
                seat.viewer.close()
                seat.viewer = None

    def arrange_stage(self, staging: Staging | None) -> None:
        """None for a room that is no stage."""
        if staging is not None and staging != self._staging:
            self._staging = staging
            self._tracks.hear_directly()
            for seat in self._seats.values():
                seat.streams = ()
                self._part_sounds(seat)
            if not staging.live:
                self.audience.close()
            self.update_soon()

    def _part_sounds(self, seat: MediaSeat) -> None:
        """While the stage is live, who is back stage takes nobody's place among those that are heard."""
        if (staging := self._staging) is None:
            return
        for track in seat.publisher.tracks.values():
            if track.source.kind is TrackKind.AUDIO:
                shown = staging.shows(seat.participant_id, track.source in SCREEN_SOURCES)
                for handle in track.handles:
                    self.pump.worker.set_track_apart(handle, staging.live and not shown)

    # ------------------------------------------------------------ publishing

    def publish(
        self, participant_id: str, text: str, media: Sequence[PublishedMedia], *, obeys: bool = True
    ) -> PublishedResult:
        """`obeys`: its client can be asked for another codec."""
        seat = self.seat(participant_id)
        refused = {item.source for item in media} - set(seat.grant.publish)
        if refused:
            raise MediaRejected(Code.FORBIDDEN, f"may not publish {', '.join(sorted(refused))}")
        before = set(seat.publisher.tracks)
        result = seat.publisher.publish(text, media, obeys=obeys)
        for track in seat.publisher.tracks.values():
            track.assists = seat.grant.assist is AssistRole.ON_SITE and track.source is Source.CAMERA
        self._part_sounds(seat)
        gone = before - set(seat.publisher.tracks)
        if gone:
            self._forget_tracks(list(gone))
            self.update_soon()
        self._follow()
        self._codecs.review_soon()
        return result

    def tracks_known(self, participant_id: str) -> None:
        seat = self._seats.get(participant_id)
        if seat is None:
            return
        now_ms = self.now_ms
        for track in seat.publisher.tracks.values():
            if not track.known:
                track.known, track.known_at_ms = True, now_ms
            self._tracks.add(track)
        if self._tracks.needs_voices:
            worker = self.pump.worker
            self._tracks.use_voices(worker.open_voices(self._handle), worker.open_lead(self._handle))
        self.update_soon()

    def tracks_refused(self, participant_id: str) -> None:
        """The room did not take what was published: nobody will ever hear of it."""
        seat = self._seats.get(participant_id)
        if seat is not None:
            for track in [track for track in seat.publisher.tracks.values() if not track.known]:
                seat.publisher.drop(track.id)

    def key_feed(self, participant_id: str) -> wire.Connect:
        """The seat's publishing connection, for a process of ours: its keys in place of DTLS."""
        link = self.seat(participant_id).publisher.link
        if link is None:
            raise MediaRejected(Code.UNAVAILABLE, "nothing was published")
        sent, received = secrets.token_bytes(wire.MASTER_BYTES), secrets.token_bytes(wire.MASTER_BYTES)
        link.use_keys(received, sent)
        local = link.local
        way = local.candidates[0]
        return wire.Connect(
            way.address, way.port, local.ufrag, local.password, receive_master=sent, send_master=received
        )

    def packets(self, participant_id: str) -> int:
        """That came over the seat's publishing connection."""
        seat = self._seats.get(participant_id)
        link = seat.publisher.link if seat is not None else None
        if link is None or link.state is LinkState.CLOSED:
            return 0
        return self.pump.worker.transport_stats(link.handle).packets_received

    def block_track(self, participant_id: str, track_id: str, blocked: bool) -> None:
        seat = self._seats.get(participant_id)
        if seat is not None:
            seat.publisher.block(track_id, blocked)
            self._show_audience()
            track = self._tracks.get(track_id)
            if track is not None and track.source.kind is TrackKind.VIDEO:
                for other in self._seats.values():
                    if other.subscriber is not None:
                        other.subscriber.turned(track_id)

    # ------------------------------------------------------------ subscribing

    def subscribe(self, participant_id: str, wants: tuple[Want, ...]) -> None:
        seat = self.seat(participant_id)
        seat.listed = Listed.read(self._tracks, wants, self.now_ms)
        seat.streams = ()  # sizes and order may be new where tracks are not
        self._update(seat)

    def answer(self, participant_id: str, revision: int, text: str) -> None:
        self._subscriber(participant_id).answer(revision, text)
        self._codecs.review_soon()

    def restart_subscription(self, participant_id: str, fresh: bool) -> None:
        subscriber = self._subscriber(participant_id)
        subscriber.restart(fresh, self._selection(self.seat(participant_id)))

    def view(self, participant_id: str, grant: Grant, text: str) -> str:
        """Answer a viewer's offer.  Raises MediaRejected."""
        if not grant.subscribe:
            raise MediaRejected(Code.FORBIDDEN, "may not subscribe")
        seat = self.take_seat(participant_id, grant)
        pump = self._pump_for(seat)
        viewer = Viewer(
            self._services,
            pump,
            participant_id,
            self._preference,
            text,
            lambda _over: self._viewing_lost(participant_id),
            lambda track: self._reach(seat, (track,)),
        )
        if codecs := viewer.blind_to(self._viewed(seat, viewer.sounds)):
            viewer.close()
            raise MediaRejected(
                Code.MEDIA_REJECTED, f"the room's pictures are {', '.join(codecs)}, which the offer cannot decode"
            )
        if seat.viewer is not None:
            seat.viewer.close()
        seat.viewer = viewer
        self._update(seat)
        return viewer.answer

    def restart_ice(self, participant_id: str) -> LocalTransport:
        """New credentials for the one connection of a WHIP or WHEP session."""
        if (watching := self.audience.find(participant_id)) is not None:
            return watching.restart_ice().local
        seat = self.seat(participant_id)
        link = seat.viewer.restart_ice() if seat.viewer is not None else seat.publisher.restart_ice()
        return link.local

    def watch(self, participant_id: str, on_lost: Callable[[], None]) -> None:
        """Be told once the seat's publishing or viewing connection is lost."""
        self.seat(participant_id).on_lost = on_lost

    # ------------------------------------------------------------ egress

    def open_tap(
        self,
        host: str,
        on_streams: Callable[[tuple[wire.Stream, ...]], None],
        *,
        audience: bool = False,
        everything: bool = False,
    ) -> Tap:
        """`host` is where its process reaches the worker.  It is told its streams with the next update, and ends with
        the room.  `audience`: of sounds it is sent those of the live stage only.  `everything`: all tracks too that are
        neither shown nor heard, as large as they are sent."""
        tap = Tap(self.pump, host, on_streams, audience=audience, everything=everything)
        self._taps.append(tap)
        self.update_soon()
        return tap

    def close_tap(self, tap: Tap) -> None:
        if tap in self._taps:
            self._taps.remove(tap)
        tap.close()

    def tap_changed(self, tap: Tap, heights: Mapping[str, int]) -> None:
        """What the tap's film shows now: by track, how high in pixels."""
        tap.show(heights)
        self._update_taps()

    def _update_taps(self) -> None:
        sounds = list(self._tracks.sounds())
        staged = scene_of(self._staging, self._tracks).sounds if self._staging is not None else ()
        for tap in self._taps:
            try:
                tap.update(self._tracks, staged if tap.audience else sounds)
            except Exception:
                log.exception("a tap was not brought up to date", room=self.id)

    # ------------------------------------------------------------ what changes for whom

    def update_soon(self) -> None:
        if self._pending_update is None:
            large = len(self._seats) * len(self._tracks) > LARGE_ROOM_PAIRS
            self._pending_update = self._loop.call_later(LARGE_ROOM_DELAY_MS / 1000 if large else 0, self._update_all)

    def _update_all(self) -> None:
        """Seats that wait from the last time keep their places: a room that never rests still reaches everybody."""
        self._pending_update = None
        self._show_audience()
        waits_already = bool(self._outdated)
        self._update_taps()
        self._outdated |= dict.fromkeys(self._seats)
        if not waits_already:
            self._update_some()

    def _update_some(self) -> None:
        """One slice, then the event loop's other work: a seat costs up to two milliseconds."""
        for participant_id in list(self._outdated)[:SEATS_PER_SLICE]:
            del self._outdated[participant_id]
            if (seat := self._seats.get(participant_id)) is not None:
                self._update(seat)
        if self._outdated:
            self._loop.call_soon(self._update_some)
        else:
            self._forget_unwatched()

    def _update(self, seat: MediaSeat) -> None:
        """What is new in a large room concerns few of its seats: for the others nothing but the choice is made."""
        self._codecs.review_soon()
        try:
            if seat.subscriber is not None:
                chosen = self._choose(seat)
                if (streams := chosen.streams) != seat.streams:
                    self._reach(seat, chosen.tracks)
                    seat.watched = tuple(track.id for track in chosen.tracks)
                    seat.subscriber.update(chosen.selection())
                    seat.streams = streams
            if seat.viewer is not None:
                seat.viewer.update(self._viewed(seat, seat.viewer.sounds), self._speakers, self._tracks)
        except Exception:
            log.exception("a seat's subscriptions were not brought up to date", participant=seat.participant_id)

    def _selection(self, seat: MediaSeat) -> Selection:
        chosen = self._choose(seat)
        self._reach(seat, chosen.tracks)
        seat.watched = tuple(track.id for track in chosen.tracks)
        seat.streams = chosen.streams
        return chosen.selection()

    def _choose(self, seat: MediaSeat) -> Chosen:
        return choose(self._tracks, seat.participant_id, seat.listed, self.now_ms, self._staging)

    def view_stage(self, viewer_id: str, text: str, on_lost: Callable[[], None]) -> str:
        """Answer an offer from the audience.  Raises MediaRejected."""
        if self._staging is None or not self._staging.live:
            raise MediaRejected(Code.NOT_OPEN, "the stage is not live")
        self._show_audience()
        return self.audience.view(viewer_id, text, on_lost)

    def _show_audience(self) -> None:
        if self._staging is not None:
            self.audience.show(scene_of(self._staging, self._tracks))

    # ------------------------------------------------------------ several workers

    def _place_viewer(self) -> tuple[WorkerPump, Reach | None]:
        pump = self._placement.subscriber(self.pump)
        return pump, self._reach_at(pump)

    def _reach_at(self, pump: WorkerPump) -> Reach | None:
        if pump is self.pump:
            return None
        if pump not in self._reaches:
            self._reaches[pump] = Reach(self.pump, pump, self._placement.pipe(self.pump, pump))
        return self._reaches[pump]

    def _pump_for(self, seat: MediaSeat) -> WorkerPump:
        """Where a new subscribing or viewing connection of the seat goes.  One that has both keeps them together."""
        if seat.subscriber is not None or seat.viewer is not None:
            return seat.reach.away if seat.reach is not None else self.pump
        pump = self._placement.subscriber(self.pump)
        seat.reach = self._reach_at(pump)
        return pump

    def _reach(self, seat: MediaSeat, tracks: Iterable[LiveTrack]) -> None:
        if seat.reach is not None:
            seat.reach.add(tracks)

    def _follow(self) -> None:
        for reach in self._reaches.values():
            reach.follow(self._tracks)

    def _forget_unwatched(self) -> None:
        for reach in self._reaches.values():
            watched: set[str] = set()
            for seat in self._seats.values():
                if seat.reach is reach:
                    watched.update(seat.watched)
                    watched.update(seat.viewer.track_ids if seat.viewer is not None else ())
            reach.keep(watched | self.audience.watched(reach))

    def _viewed(self, seat: MediaSeat, sounds: int) -> list[LiveTrack]:
        return [track for track in self._tracks.viewed(sounds) if track.participant_id != seat.participant_id]

    def _subscriber(self, participant_id: str) -> Subscriber:
        subscriber = self.seat(participant_id).subscriber
        if subscriber is None:
            raise MediaRejected(Code.FORBIDDEN, "may not subscribe")
        return subscriber

    def _forget_tracks(self, track_ids: Sequence[str]) -> None:
        """To be called before the core frees the tracks: their subscriptions go with them."""
        for track_id in track_ids:
            if self._tracks.remove(track_id):
                for seat in self._seats.values():
                    if seat.subscriber is not None:
                        seat.subscriber.track_gone(track_id)

    def _publishing_lost(self, participant_id: str, over: bool) -> None:
        seat = self._seats.get(participant_id)
        if seat is None:
            return
        if over:
            seat.publisher.link_ended()
            self._follow()
            self.update_soon()
        if seat.on_lost is not None:
            seat.on_lost()

    def _on_notice(self, participant_id: str, notice: MediaNotice) -> None:
        if (seat := self._seats.get(participant_id)) is not None:
            seat.on_notice(notice)

    def _tell_codec(self, track: LiveTrack) -> None:
        if (seat := self._seats.get(track.participant_id)) is not None:
            seat.publisher.tell_codec(track)

    def _viewing_lost(self, participant_id: str) -> None:
        seat = self._seats.get(participant_id)
        if seat is not None and seat.on_lost is not None:
            seat.on_lost()

    # ------------------------------------------------------------ speakers and data

    def on_speakers(self, tracks: tuple[int, ...]) -> None:
        """pump.SpeakerOwner.  Only microphones make somebody a speaker."""
        owners = {track.handle: track for track in self._tracks.microphones.values()}
        speakers = tuple(dict.fromkeys(owners[handle].participant_id for handle in tracks if handle in owners))
        if speakers == self._speakers:
            return
        self._speakers = speakers
        for seat in self._seats.values():
            if seat.on_speakers is not None:
                seat.on_speakers(speakers)
            if seat.subscriber is not None:
                seat.subscriber.heard(speakers)
        self.audience.heard(speakers)
        for seat in self._seats.values():
            if seat.viewer is not None:
                self._update(seat)

    def _on_message(self, participant_id: str, channel: Channel, message: bytes) -> None:
        sender = self._seats.get(participant_id)
        if sender is None or not sender.grant.publish or sender.grant.hidden:
            return
        parsed = data.parse(message)
        if parsed is None or not sender.allowance.take(len(message), self.now_ms):
            return
        addressed = [self._seats[parsed.to]] if parsed.to in self._seats else []
        seats = addressed if parsed.to else list(self._seats.values())
        links = [seat.publisher.link for seat in seats if seat is not sender and seat.grant.subscribe]
        reached = [link for link in links if link is not None]
        if reached and self._data_allowance.take(len(reached), self.now_ms):
            outgoing = parsed.as_from(participant_id)
            for link in reached:
                link.send_data(channel, outgoing)
