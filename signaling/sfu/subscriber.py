"""The subscribing connection of one seat: offers out, answers in, and the subscriptions in the core that follow."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from rooms.core.codes import Code
from rooms.core.model import Source, TrackKind
from signaling.messages import Bandwidth, BandwidthState, MediaNotice, Offer, OfferedTrack, ignore_notice
from signaling.ports import MediaRejected
from signaling.webrtc import sdp
from signaling.webrtc.codecs import Codec
from signaling.webrtc.subscribing import Binding, SubscribingOffer, SubscribingOfferer, Wanted

from . import _sfu
from .bandwidth import PAUSED, UNTOLD_PERCENT, Allotment, Demand, Rank, Step, silent_steps, useful_steps
from .link import Link, LinkServices
from .pump import WorkerPump
from .rates import EncodingRates
from .tracks import LiveTrack, native_extensions, native_format
from .wants import Selection

log = structlog.get_logger(__name__)

REVIEW_MS = 500  # while not all that is wanted is sent
LAYERS_REVIEW_MS = 1_000  # of a stream whose layers come and go without a word


@dataclass(slots=True)
class _Bound:
    binding: Binding
    track_handle: int
    handle: int
    active: bool
    step: Step | None = None  # of a picture: what the core was told to send; None = all of it


class Subscriber:
    """`tracks` is the room's directory of live tracks by id, read whenever something changes."""

    def __init__(
        self,
        services: LinkServices,
        pump: WorkerPump,
        participant_id: str,
        seat_number: int,
        tracks: Mapping[str, LiveTrack],
        rates: EncodingRates,
    ) -> None:
        self._services = services
        self._pump = pump
        self._participant_id = participant_id
        self._seat_number = seat_number
        self._tracks = tracks
        self._rates = rates
        self._loop = asyncio.get_running_loop()
        self._on_notice: Callable[[MediaNotice], None] = ignore_notice
        self._speakers: tuple[str, ...] = ()
        self._allotment: Allotment
        self._target = (0, 0)  # bits/s allocated and wanted, as the core was told
        self._limited = False
        self._review: asyncio.TimerHandle | None = None
        self._selection = Selection(())
        self._on_offer: Callable[[Offer], None] | None = None
        self._link: Link | None = None
        self._offerer: SubscribingOfferer
        self._settled = False  # the client has answered for this connection
        self._next_revision = 1
        self._message: Offer | None = None  # the outstanding offer as it was sent
        self._answered: dict[str, Binding] = {}
        self._bound: dict[str, _Bound] = {}
        self._unplaced: tuple[Wanted, ...] = ()
        self._start()

    @property
    def link(self) -> Link | None:
        return self._link

    @property
    def subscriptions(self) -> int:
        return len(self._bound)

    @property
    def settled(self) -> bool:
        """What the client can decode is known."""
        return self._settled

    def decodes(self, track: LiveTrack) -> frozenset[Codec]:
        """Of the codecs that the track may come in."""
        return frozenset(bitstream.codec for bitstream in track.bitstreams if self._offerer.decodes(bitstream))

    def sees(self, track_id: str) -> bool:
        """The track is on its page, not only kept."""
        return track_id not in self._selection.hidden

    def attach(
        self,
        on_offer: Callable[[Offer], None],
        selection: Selection,
        on_notice: Callable[[MediaNotice], None] = ignore_notice,
    ) -> None:
        """Offers go to a new connection of the client.  An offer that was not answered is said again."""
        self._on_offer = on_offer
        self._on_notice = on_notice
        if self._link is None:
            self._start()
        elif self._message is not None:
            on_offer(self._message)
        elif self._allotment.state is not BandwidthState.FULL:
            on_notice(Bandwidth(state=self._allotment.state, estimate_bps=self._allotment.estimate_bps))
        self.update(selection)

    def detach(self) -> None:
        self._on_offer = None
        self._on_notice = ignore_notice

    def heard(self, speakers: tuple[str, ...]) -> None:
        """Who speaks goes before others where there is not room for all."""
        self._speakers = speakers
        if self._limited:
            self._reconcile()

    def turned(self, track_id: str) -> None:
        """A camera or a screen came on, or went off: what it needs is others' now, or the other way round."""
        bound = any(bound.binding.wanted.track_id == track_id for bound in self._bound.values())
        if bound and (self._limited or self._allotment.limited):
            self._reconcile()

    def update(self, selection: Selection) -> None:
        self._selection = selection
        if self._link is None:
            return
        unplaced = self._offerer.want(selection.wanted)
        if unplaced != self._unplaced:
            self._unplaced = unplaced
            for item in unplaced:
                log.info(
                    "a track finds no place at a subscriber",
                    track=item.track_id,
                    codec=item.bitstream.codec,
                    participant=self._participant_id,
                )
        self._reconcile()
        self._send_offer()

    def answer(self, revision: int, text: str) -> None:
        """Raises MediaRejected: CONFLICT for another revision than the outstanding one."""
        link = self._link
        if link is None or self._message is None or revision != self._message.revision:
            raise MediaRejected(Code.CONFLICT, f"no offer with revision {revision} is outstanding")
        try:
            answered = self._offerer.answer(revision, sdp.parse(text))
        except sdp.SdpError as error:
            raise MediaRejected(Code.MEDIA_REJECTED, str(error)) from error
        self._message = None
        self._settled = True
        link.expect(answered.remote.fingerprints)
        for item in answered.refused:
            log.warning(
                "a subscriber cannot take a track",
                track=item.track_id,
                codec=item.bitstream.codec,
                participant=self._participant_id,
            )
        self._answered = {binding.mid: binding for binding in answered.bindings}
        self.update(self._selection)

    def restart(self, fresh: bool, selection: Selection) -> None:
        """Offer with new ICE credentials, or (`fresh`, or when DTLS is over) for a wholly new connection."""
        if fresh or self._link is None or not self._settled:
            # Without an answer nobody knows which connection of the client the former offer went to.
            self._stop()
            self._start()
        else:
            self._link.restart_ice()
            self._offerer.restart()
        self.update(selection)

    def link_ended(self) -> None:
        """DTLS is over.  A client that was connected gets an offer for a new connection; one that failed has to ask."""
        was_secure = self._link is not None and self._link.was_secure
        self._stop()
        if self._on_offer is not None and was_secure:
            self._start()
            self.update(self._selection)

    def track_gone(self, track_id: str) -> None:
        """The core has dropped it with its subscriptions."""
        self._bound = {mid: bound for mid, bound in self._bound.items() if bound.binding.wanted.track_id != track_id}

    def close(self) -> None:
        self._on_offer = None
        self._on_notice = ignore_notice
        self._stop()

    # ------------------------------------------------------------ inside

    def _start(self) -> None:
        """A new connection.  Two empty slots let ICE and DTLS finish before the first track comes."""
        link: Link | None = None

        def lost(over: bool) -> None:
            if over and self._link is link:
                self.link_ended()

        link = Link(self._services, self._pump, lost, self._on_estimate)
        self._link = link
        self._allotment = Allotment(self._now_ms)
        self._target = (0, 0)
        self._limited = False
        self._offerer = SubscribingOfferer(secrets.randbits(62), draw_ssrc, self._next_revision)
        self._offerer.prepare((TrackKind.AUDIO, TrackKind.VIDEO))
        self._settled = False

    def _stop(self) -> None:
        self._next_revision = self._offerer.next_revision
        self._message = None
        self._answered.clear()
        self._bound.clear()  # the core frees them with the transport
        if self._review is not None:
            self._review.cancel()
            self._review = None
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _send_offer(self) -> None:
        if self._on_offer is None or self._link is None:
            return
        offer = self._offerer.offer(self._link.local)
        if offer is None:
            return
        self._message = self._as_message(offer)
        self._on_offer(self._message)
        bound = {item.binding.wanted for item in self._bound.values()}
        for slot in offer.slots:
            track = self._tracks.get(slot.wanted.track_id)
            # By the time the answer is here, a fresh keyframe waits in the core's cache.
            if slot.wanted.kind is TrackKind.VIDEO and slot.wanted not in bound and track is not None and track.handle:
                self._pump.worker.request_keyframe(track.handle)

    def _as_message(self, offer: SubscribingOffer) -> Offer:
        tracks = tuple(
            OfferedTrack(slot.mid, slot.wanted.track_id, slot.wanted.participant_id, slot.wanted.source)
            for slot in offer.slots
        )
        return Offer(revision=offer.revision, sdp=offer.sdp, tracks=tracks, fresh=not self._settled)

    def _reconcile(self) -> None:
        """Make the core's subscriptions those that are both answered and wanted."""
        wanted = set(self._selection.wanted)
        for mid, bound in list(self._bound.items()):
            track = self._tracks.get(bound.binding.wanted.track_id)
            stays = self._answered.get(mid) == bound.binding and bound.binding.wanted in wanted
            if not stays or track is None or track.handle != bound.track_handle:
                del self._bound[mid]
                if track is not None and track.handle == bound.track_handle:
                    self._pump.worker.remove_subscription(bound.handle)
        due = {
            mid: (binding, track)
            for mid, binding in self._answered.items()
            if binding.wanted in wanted
            and (track := self._tracks.get(binding.wanted.track_id)) is not None
            and track.handle
            and track.known
        }
        shares = self._share({mid: track for mid, (_, track) in due.items()})
        changed: dict[bool, list[int]] = {True: [], False: []}
        layers: list[_sfu.LayerChoice] = []
        for mid, (binding, track) in due.items():
            step = shares.get(mid)
            active = track.id not in self._selection.hidden and (mid not in shares or step is not None)
            if (known := self._bound.get(mid)) is None:
                known = _Bound(binding, track.handle, self._add(binding, track, active), active)
                self._bound[mid] = known
            elif known.active is not active:
                known.active = active
                changed[active].append(known.handle)
            if step is not None and _layers(step) != _layers(known.step or Step(track.handle, 0)):
                layers.append(_sfu.LayerChoice(known.handle, *_layers(step)))
            known.step = step if step is not None else known.step
        if layers:
            self._pump.worker.choose_layers(layers)
        for active, handles in changed.items():
            if handles:
                self._pump.worker.set_active(handles, active)

    # ------------------------------------------------------------ bandwidth

    @property
    def _now_ms(self) -> int:
        return int(self._loop.time() * 1_000)

    def _on_estimate(self, bps: int, limited: bool) -> None:
        first = not self._allotment.estimate_bps
        self._allotment.estimate_bps, self._allotment.limited = bps, limited
        if self._limited or ((first or limited) and bps < self._target[1]):
            self._reconcile()

    def _share(self, tracks: Mapping[str, LiveTrack]) -> dict[str, Step | None]:
        """By mid, for visible pictures: what each is sent; None = nothing for now."""
        pictures = [
            (mid, track)
            for mid, track in tracks.items()
            if track.source.kind is TrackKind.VIDEO and track.id not in self._selection.hidden
        ]
        demands = [self._demand(mid, track) for mid, track in pictures]
        now_ms = self._now_ms
        sounds = sum(track.source.kind is TrackKind.AUDIO and not track.blocked for track in tracks.values())
        decision = self._allotment.decide(demands, sounds, now_ms)
        self._limited = decision.state is not BandwidthState.FULL
        self._tell_core(decision.allocated_bps, decision.wanted_bps)
        if (news := self._allotment.news(decision.state, now_ms)) is not None:
            self._on_notice(Bandwidth(state=news, estimate_bps=self._allotment.estimate_bps))
        restless = self._limited or self._allotment.state is not decision.state or not self._allotment.known(now_ms)
        if pictures and restless:
            self._review_in(REVIEW_MS)
        elif any(track.is_scalable for _, track in pictures):
            self._review_in(LAYERS_REVIEW_MS)
        return {
            mid: None if index == PAUSED else demand.steps[index]
            for (mid, _), demand, index in zip(pictures, demands, decision.choices, strict=True)
        }

    def _review_in(self, delay_ms: int) -> None:
        at_s = self._loop.time() + delay_ms / 1_000
        if self._review is not None and self._review.when() > at_s:
            self._review.cancel()
            self._review = None
        if self._review is None:
            self._review = self._loop.call_at(at_s, self._review_now)

    def _review_now(self) -> None:
        self._review = None
        try:
            if self._link is not None:
                self._reconcile()
        except Exception:
            log.exception("a subscriber's share was not brought up to date", participant=self._participant_id)

    def _tell_core(self, allocated_bps: int, wanted_bps: int) -> None:
        if self._link is None:
            return
        near = all(
            abs(new - told) * 100 <= told * UNTOLD_PERCENT
            for new, told in zip((allocated_bps, wanted_bps), self._target, strict=True)
        )
        if not near:
            self._target = (allocated_bps, wanted_bps)
            self._pump.worker.set_target(self._link.handle, allocated_bps, wanted_bps)

    def _demand(self, mid: str, track: LiveTrack) -> Demand:
        tile = self._selection.tiles.get(track.id)
        width, height = (tile.width, tile.height) if tile is not None else (0, 0)
        encodings = track.handles_for(self.decodes(track))
        steps = useful_steps(self._rates.steps(encodings, track.source, self._now_ms), height)
        if track.blocked:
            steps = silent_steps(steps, self._allotment.limited)
        bound = self._bound.get(mid)
        rank = Rank.TILE
        if track.source is Source.SCREEN:
            rank = Rank.SCREEN
        elif tile is not None and tile.pinned:
            rank = Rank.PINNED
        elif track.participant_id in self._speakers[:1]:
            rank = Rank.SPEAKER
        return Demand(rank, width * height, steps, _current(bound, track, steps))

    def _add(self, binding: Binding, track: LiveTrack, active: bool) -> int:
        if self._link is None:
            raise RuntimeError("no connection to send a track on")
        return self._pump.worker.add_subscription(
            self._link.handle,
            track.handle,
            binding.ssrc,
            binding.rtx_ssrc,
            binding.payload_type,
            binding.rtx_payload_type,
            binding.mid.encode(),
            native_extensions(binding.extensions),
            binding.red_payload_type,
            active,
            constant_timestamps=track.keeps_timestamps,
            seat=self._seat_number,
            formats=[native_format(item) for item in binding.formats],
        )


def _layers(step: Step) -> tuple[int, int, int]:
    return step.track, step.spatial, step.temporal


def _current(bound: _Bound | None, track: LiveTrack, steps: Sequence[Step]) -> int:
    """Where among the steps of now that is which was chosen last."""
    if bound is None or not bound.active:
        return PAUSED
    sent = _layers(bound.step or Step(track.handle, 0))
    same = [index for index, step in enumerate(steps) if _layers(step) == sent]
    if same:
        return same[0]
    return max((index for index, step in enumerate(steps) if bound.step and step.bps <= bound.step.bps), default=0)


def draw_ssrc() -> int:
    """RFC 3550 8.1.  Two of 128 numbers of one connection meet once in half a million connections."""
    return secrets.randbelow(2**32 - 1) + 1
