"""The subscribing connection of one seat: offers out, answers in, and the subscriptions in the core that follow."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from rooms.core.codes import Code
from rooms.core.model import TrackKind
from signaling.messages import Offer, OfferedTrack
from signaling.ports import MediaRejected
from signaling.webrtc import sdp
from signaling.webrtc.subscribing import Binding, SubscribingOffer, SubscribingOfferer, Wanted

from .link import Link, LinkServices
from .pump import WorkerPump
from .tracks import LiveTrack, native_extensions
from .wants import Selection

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Bound:
    binding: Binding
    track_handle: int
    handle: int
    active: bool


class Subscriber:
    """`tracks` is the room's directory of live tracks by id, read whenever something changes."""

    def __init__(
        self,
        services: LinkServices,
        pump: WorkerPump,
        participant_id: str,
        seat_number: int,
        tracks: Mapping[str, LiveTrack],
    ) -> None:
        self._services = services
        self._pump = pump
        self._participant_id = participant_id
        self._seat_number = seat_number
        self._tracks = tracks
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

    def attach(self, on_offer: Callable[[Offer], None], selection: Selection) -> None:
        """Offers go to a new connection of the client.  An offer that was not answered is said again."""
        self._on_offer = on_offer
        if self._link is None:
            self._start()
        elif self._message is not None:
            on_offer(self._message)
        self.update(selection)

    def detach(self) -> None:
        self._on_offer = None

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
        self._stop()

    # ------------------------------------------------------------ inside

    def _start(self) -> None:
        """A new connection.  Two empty slots let ICE and DTLS finish before the first track comes."""
        link: Link | None = None

        def lost(over: bool) -> None:
            if over and self._link is link:
                self.link_ended()

        link = Link(self._services, self._pump, lost)
        self._link = link
        self._offerer = SubscribingOfferer(secrets.randbits(62), draw_ssrc, self._next_revision)
        self._offerer.prepare((TrackKind.AUDIO, TrackKind.VIDEO))
        self._settled = False

    def _stop(self) -> None:
        self._next_revision = self._offerer.next_revision
        self._message = None
        self._answered.clear()
        self._bound.clear()  # the core frees them with the transport
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
        changed: dict[bool, list[int]] = {True: [], False: []}
        for mid, binding in self._answered.items():
            track = self._tracks.get(binding.wanted.track_id)
            if binding.wanted not in wanted or track is None or not track.handle or not track.known:
                continue
            active = binding.wanted.track_id not in self._selection.hidden
            if (known := self._bound.get(mid)) is None:
                self._bound[mid] = _Bound(binding, track.handle, self._add(binding, track.handle, active), active)
            elif known.active is not active:
                known.active = active
                changed[active].append(known.handle)
        for active, handles in changed.items():
            if handles:
                self._pump.worker.set_active(handles, active)

    def _add(self, binding: Binding, track_handle: int, active: bool) -> int:
        if self._link is None:
            raise RuntimeError("no connection to send a track on")
        return self._pump.worker.add_subscription(
            self._link.handle,
            track_handle,
            binding.ssrc,
            binding.rtx_ssrc,
            binding.payload_type,
            binding.rtx_payload_type,
            binding.mid.encode(),
            native_extensions(binding.extensions),
            binding.red_payload_type,
            active,
            seat=self._seat_number,
        )


def draw_ssrc() -> int:
    """RFC 3550 8.1.  Two of 128 numbers of one connection meet once in half a million connections."""
    return secrets.randbelow(2**32 - 1) + 1
