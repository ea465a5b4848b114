"""The media plane: implements signaling.ports.StreamSessions (and with it MediaSessions and rooms.ports.MediaPlane).

A room sits on one worker; when that is loaded, its subscribers spread to others.
Everything runs on the event loop and is short: packets are the native core's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from msgspec import Struct

from rooms.core.codes import Code
from rooms.core.model import Grant
from rooms.core.stage_model import Staging
from rooms.tasks import TaskOwner
from signaling.egress import wire
from signaling.messages import MediaNotice, Offer, PublishedMedia, Want, ignore_notice
from signaling.ports import MediaRejected, PublishedResult
from signaling.webrtc import sdp, transport
from signaling.webrtc.codecs import DEFAULT_PREFERENCE, Codec
from signaling.webrtc.dtls import HANDSHAKES_MAX, ServerCertificate
from signaling.webrtc.publishing import sources_by_kind

from . import _sfu
from .link import LinkServices
from .placement import TRANSPORTS_FULL, Placement
from .ports import open_worker
from .pump import WorkerPump
from .room import MediaRoom

log = structlog.get_logger(__name__)

TRANSPORTS_MAX: Final = 4_000  # on one worker; beyond, newcomers are told to come back later


class PlaneSettings(Struct, frozen=True):
    """`addresses` are advertised, best first; with several workers they bind port, port + 1, ...

    ICE-TCP takes the same numbers at `tcp_addresses`.  `tcp_shared`: the first number is a web server's for TCP, and it
    hands over, by `adopt_tcp`, the connections that are media.
    """

    addresses: tuple[str, ...]
    bind_address: str = "0.0.0.0"  # noqa: S104  # the media port is meant to be reached from outside
    port: int = 0
    workers: int = 1
    transports_full: int = TRANSPORTS_FULL
    gso: bool = True
    preference: tuple[Codec, ...] = DEFAULT_PREFERENCE
    tcp_addresses: tuple[str, ...] = ()
    tcp_shared: bool = False


class SfuPlane:
    """To be made inside a running loop, and closed with `close`."""

    def __init__(self, settings: PlaneSettings) -> None:
        if not settings.addresses:
            raise ValueError("no address to advertise")
        self._settings = settings
        self._tasks = TaskOwner()
        self._services = LinkServices(
            certificate=ServerCertificate.generateCertificate(),
            handshakes=asyncio.Semaphore(HANDSHAKES_MAX),
            tasks=self._tasks,
            addresses=settings.addresses,
        )
        self._pumps: list[WorkerPump] = []
        for index in range(settings.workers):
            port = settings.port + index if settings.port else 0
            shared = settings.tcp_shared and index == 0
            worker, listens = open_worker(settings.bind_address, port, settings.tcp_addresses, gso=settings.gso)
            self._pumps.append(WorkerPump(worker, listens_tcp=listens or shared))
        self._placement = Placement(self._pumps, settings.transports_full)
        self._rooms: dict[str, MediaRoom] = {}
        self._stagings: dict[str, Staging] = {}  # of live rooms that are stages

    @property
    def ports(self) -> tuple[int, ...]:
        return tuple(pump.worker.port for pump in self._pumps)

    def adopt_tcp(self, fd: int) -> None:
        """Take over a connection to the first worker's port that begins as ICE-TCP does; nothing of it was read."""
        self._pumps[0].worker.adopt_tcp(fd)

    def stats(self) -> tuple[_sfu.WorkerStats, ...]:
        return tuple(pump.worker.stats() for pump in self._pumps)

    async def close(self) -> None:
        for room_id in list(self._rooms):
            self._close_room(room_id)
        self._placement.close()
        await self._tasks.close()
        for pump in self._pumps:
            pump.close()

    # ------------------------------------------------------------ signaling.ports.MediaSessions

    def attach(
        self,
        room_id: str,
        participant_id: str,
        grant: Grant,
        on_offer: Callable[[Offer], None],
        on_speakers: Callable[[tuple[str, ...]], None],
        on_notice: Callable[[MediaNotice], None] = ignore_notice,
    ) -> None:
        self._open(room_id).attach(participant_id, grant, on_offer, on_speakers, on_notice)

    def detach(self, room_id: str, participant_id: str) -> None:
        if (room := self._rooms.get(room_id)) is not None:
            room.detach(participant_id)

    async def publish(
        self, room_id: str, participant_id: str, sdp: str, media: tuple[PublishedMedia, ...]
    ) -> PublishedResult:
        return self._room(room_id).publish(participant_id, sdp, media)

    def tracks_known(self, room_id: str, participant_id: str) -> None:
        if (room := self._rooms.get(room_id)) is not None:
            room.tracks_known(participant_id)

    def tracks_refused(self, room_id: str, participant_id: str) -> None:
        if (room := self._rooms.get(room_id)) is not None:
            room.tracks_refused(participant_id)

    def subscribe(self, room_id: str, participant_id: str, wants: tuple[Want, ...]) -> None:
        self._room(room_id).subscribe(participant_id, wants)

    async def answer(self, room_id: str, participant_id: str, revision: int, sdp: str) -> None:
        self._room(room_id).answer(participant_id, revision, sdp)

    async def restart_subscription(self, room_id: str, participant_id: str, fresh: bool) -> None:
        self._room(room_id).restart_subscription(participant_id, fresh)

    # ------------------------------------------------------------ rooms.ports.MediaPlane

    async def close_participant(self, room_id: str, participant_id: str) -> None:
        room = self._rooms.get(room_id)
        if room is not None:
            room.close_seat(participant_id)
            if room.empty:
                self._close_room(room_id)

    async def close_room(self, room_id: str) -> None:
        self._stagings.pop(room_id, None)
        self._close_room(room_id)

    def block_track(self, room_id: str, participant_id: str, track_id: str, blocked: bool) -> None:
        if (room := self._rooms.get(room_id)) is not None:
            room.block_track(participant_id, track_id, blocked)

    def refresh_permissions(self, room_id: str, participant_id: str, grant: Grant) -> None:
        if (room := self._rooms.get(room_id)) is not None:
            room.refresh_permissions(participant_id, grant)

    def arrange_stage(self, room_id: str, staging: Staging) -> None:
        self._stagings[room_id] = staging
        if (room := self._rooms.get(room_id)) is not None:
            room.arrange_stage(staging)

    # ------------------------------------------------------------ signaling.ports.StreamSessions

    async def ingest(self, room_id: str, participant_id: str, grant: Grant, offer: str) -> PublishedResult:
        room = self._open(room_id)
        room.take_seat(participant_id, grant)
        try:
            sources = sources_by_kind(sdp.parse(offer))
        except sdp.SdpError as error:
            raise MediaRejected(Code.MEDIA_REJECTED, str(error)) from error
        if not sources:
            raise MediaRejected(Code.MEDIA_REJECTED, "the offer sends nothing")
        media = tuple(PublishedMedia(mid, source) for mid, source in sources.items())
        return room.publish(participant_id, offer, media, obeys=False)

    async def view(self, room_id: str, participant_id: str, grant: Grant, offer: str) -> str:
        return self._open(room_id).view(participant_id, grant, offer)

    async def view_stage(self, room_id: str, viewer_id: str, offer: str, on_lost: Callable[[], None]) -> str:
        return self._open(room_id).view_stage(viewer_id, offer, on_lost)

    async def leave_stage(self, room_id: str, viewer_id: str) -> None:
        if (room := self._rooms.get(room_id)) is not None:
            room.audience.leave(viewer_id)
            if room.empty:
                self._close_room(room_id)

    async def restart_ice(self, room_id: str, participant_id: str, mid: str) -> str:
        return transport.ice_fragment(self._room(room_id).restart_ice(participant_id), mid)

    def key_feed(self, room_id: str, participant_id: str) -> wire.Connect:
        return self._room(room_id).key_feed(participant_id)

    def packets(self, room_id: str, participant_id: str) -> int:
        room = self._rooms.get(room_id)
        return room.packets(participant_id) if room is not None else 0

    def watch(self, room_id: str, participant_id: str, on_lost: Callable[[], None]) -> None:
        self._room(room_id).watch(participant_id, on_lost)

    # ------------------------------------------------------------ egress

    def media_of(self, room_id: str) -> MediaRoom | None:
        """What an egress of ours taps (sfu/tap.py); None while nobody has media in the room."""
        return self._rooms.get(room_id)

    # ------------------------------------------------------------ inside

    def _room(self, room_id: str) -> MediaRoom:
        room = self._rooms.get(room_id)
        if room is None:
            raise MediaRejected(Code.UNAVAILABLE, f"room {room_id} has no media")
        return room

    def _open(self, room_id: str) -> MediaRoom:
        room = self._rooms.get(room_id)
        if room is None:
            room = MediaRoom(room_id, self._services, self._placement, self._settings.preference)
            room.arrange_stage(self._stagings.get(room_id))
            self._rooms[room_id] = room
            log.debug("media of a room begins", room=room_id, port=room.pump.worker.port)
        if room.pump.transports >= TRANSPORTS_MAX:
            raise MediaRejected(Code.UNAVAILABLE, "the media worker is full")
        return room

    def _close_room(self, room_id: str) -> None:
        room = self._rooms.pop(room_id, None)
        if room is not None:
            room.close()
            log.debug("media of a room ends", room=room_id)
