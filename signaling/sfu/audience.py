"""The audience of a stage that comes by WHEP: connections that have no seat in the room.

Video section n of an offer carries position n of the stage, in the order in which the offer has them.  When another
picture takes the position, the section goes on with it under a new SSRC, without renegotiation; the answer announces no
SSRC, so a receiver finds every stream by its MID.  Sound sections carry who speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from msgspec import Struct

from rooms.core.codes import Code
from rooms.core.model import Source, TrackKind
from rooms.core.stage_model import Layout, Place, Staging, positions
from signaling.ports import MediaRejected
from signaling.webrtc import sdp, viewing
from signaling.webrtc.codecs import Codec
from signaling.webrtc.viewing import ViewedSection

from . import _sfu
from .bandwidth import ALL_LAYERS, PAUSED, UNTOLD_PERCENT, Allotment, Demand, Rank, Step, silent_steps, useful_steps
from .link import Link, LinkServices, LinkState
from .pump import WorkerPump
from .rates import EncodingRates
from .reach import Reach
from .subscriber import LAYERS_REVIEW_MS, REVIEW_MS, draw_ssrc
from .tracks import LiveTrack, native_extensions, native_format
from .wants import SCREEN_SOURCES, assign_view

log = structlog.get_logger(__name__)

VIEWERS_PER_SLICE: Final = 16
# How high a picture is shown at most, in pixels, beside others: more would be sent for nothing.  0 = as high as it is.
HALF_HEIGHT: Final = 540
SMALL_HEIGHT: Final = 360
FEW: Final = 4  # pictures of half the height


class Scene(Struct, frozen=True):
    """What the audience gets now."""

    pictures: tuple[LiveTrack | None, ...] = ()  # by position; None: a position without a picture
    heights: tuple[int, ...] = ()  # by position
    sounds: tuple[LiveTrack, ...] = ()


def scene_of(staging: Staging, tracks: Mapping[str, LiveTrack]) -> Scene:
    """`tracks`: all of the room, by id."""
    if not staging.live:
        return Scene()
    shown = {
        (track.participant_id, track.source): track
        for track in tracks.values()
        if track.handle and staging.shows(track.participant_id, track.source in SCREEN_SOURCES)
    }

    def shares(person: str) -> bool:
        screen = shown.get((person, Source.SCREEN))
        return screen is not None and not screen.blocked

    places = positions(staging, shares)
    source_of = {Place.CAMERA: Source.CAMERA, Place.SCREEN: Source.SCREEN}
    return Scene(
        tuple(shown.get((place.participant_id, source_of[place.place])) for place in places),
        tuple(height_of(staging.layout, index, len(places)) for index in range(len(places))),
        tuple(track for track in shown.values() if track.source.kind is TrackKind.AUDIO),
    )


def height_of(layout: Layout, index: int, count: int) -> int:
    if count == 1:
        return 0
    if layout is Layout.SIDE_BY_SIDE:
        return HALF_HEIGHT if count <= FEW else SMALL_HEIGHT
    return 0 if index == 0 else SMALL_HEIGHT


@dataclass(slots=True)
class _Shown:
    track_id: str
    track_handle: int
    subscription: int
    step: Step | None = None  # of a picture: what the core was told to send; None = all of it
    active: bool = True


class StageViewer:
    """One connection.  Raises MediaRejected from its constructor when the offer cannot be answered."""

    def __init__(
        self,
        services: LinkServices,
        pump: WorkerPump,
        reach: Reach | None,
        viewer_id: str,
        preference: Sequence[Codec],
        rates: EncodingRates,
        text: str,
        on_lost: Callable[[], None],
    ) -> None:
        self.reach = reach
        self.on_lost = on_lost
        self._pump = pump
        self._rates = rates
        self._loop = asyncio.get_running_loop()
        self.link = Link(services, pump, lambda _over: self.on_lost(), self._on_estimate)
        try:
            answer = viewing.answer_offer(
                sdp.parse(text),
                self.link.local,
                preference,
                secrets.randbits(62),
                draw_ssrc,
                viewer_id,
                announces=False,
            )
        except sdp.SdpError as error:
            self.link.close()
            raise MediaRejected(Code.MEDIA_REJECTED, str(error)) from error
        self.link.expect(answer.remote.fingerprints)
        self.answer = answer.sdp
        self._videos = tuple(section for section in answer.sections if section.kind is TrackKind.VIDEO)
        self._audios = tuple(section for section in answer.sections if section.kind is TrackKind.AUDIO)
        self._shown: dict[str, _Shown] = {}
        self._scene = Scene()
        self._speakers: tuple[str, ...] = ()
        self._allotment = Allotment(self._now_ms)
        self._target = (0, 0)
        self._limited = False
        self._review: asyncio.TimerHandle | None = None

    @property
    def track_ids(self) -> list[str]:
        return [shown.track_id for shown in self._shown.values()]

    def blind_to(self, scene: Scene) -> tuple[str, ...]:
        """The codecs of the pictures, when it can decode none of these; else nothing."""
        pictures = [track for track in scene.pictures if track is not None]
        if any(section.formats_for(track.bitstreams) for section in self._videos for track in pictures):
            return ()
        return tuple(sorted({bitstream.codec.value for track in pictures for bitstream in track.bitstreams}))

    def show(self, scene: Scene, speakers: tuple[str, ...]) -> None:
        self._scene, self._speakers = scene, speakers
        self._follow()

    def restart_ice(self) -> Link:
        if self.link.state is LinkState.CLOSED:
            raise MediaRejected(Code.CONFLICT, "the viewing connection is closed")
        self.link.restart_ice()
        return self.link

    def close(self) -> None:
        self._shown.clear()
        if self._review is not None:
            self._review.cancel()
        self.link.close()

    # ------------------------------------------------------------ inside

    @property
    def _now_ms(self) -> int:
        return int(self._loop.time() * 1_000)

    def _assigned(self) -> dict[str, tuple[ViewedSection, LiveTrack, int]]:
        """By mid: the section, its track, and how high that is shown."""
        assigned: dict[str, tuple[ViewedSection, LiveTrack, int]] = {}
        scene = self._scene
        for section, track, height in zip(self._videos, scene.pictures, scene.heights, strict=False):
            if track is not None and track.handle and section.formats_for(track.bitstreams):
                assigned[section.mid] = (section, track, height)
        current = {mid: shown.track_id for mid, shown in self._shown.items()}
        sounds = assign_view(self._audios, scene.sounds, current, self._speakers)
        for section in self._audios:
            if section.mid in sounds:
                assigned[section.mid] = (section, sounds[section.mid], 0)
        return assigned

    def _follow(self) -> None:
        assigned = self._assigned()
        for mid, shown in list(self._shown.items()):
            entry = assigned.get(mid)
            if entry is None or entry[1].handle != shown.track_handle:
                del self._shown[mid]
                with contextlib.suppress(KeyError):  # it went with its track
                    self._pump.worker.remove_subscription(shown.subscription)
        for mid, (section, track, _) in assigned.items():
            if mid not in self._shown:
                self._shown[mid] = _Shown(track.id, track.handle, self._add(section, track))
        self._choose(assigned)

    def _choose(self, assigned: Mapping[str, tuple[ViewedSection, LiveTrack, int]]) -> None:
        """Of each picture the layers that its line has room for."""
        pictures = [(mid, entry) for mid, entry in assigned.items() if entry[1].source.kind is TrackKind.VIDEO]
        demands = [self._demand(index, self._shown[mid], *entry) for index, (mid, entry) in enumerate(pictures)]
        now_ms = self._now_ms
        sounds = sum(track.source.kind is TrackKind.AUDIO and not track.blocked for _, track, _ in assigned.values())
        decision = self._allotment.decide(demands, sounds, now_ms)
        self._limited = any(
            index < len(demand.steps) - 1 for demand, index in zip(demands, decision.choices, strict=True)
        )
        self._tell_core(decision.allocated_bps, decision.wanted_bps)
        layers: list[_sfu.LayerChoice] = []
        changed: dict[bool, list[int]] = {True: [], False: []}
        for (mid, (_, track, _)), demand, index in zip(pictures, demands, decision.choices, strict=True):
            shown = self._shown[mid]
            step = None if index == PAUSED else demand.steps[index]
            if shown.active is not (step is not None):
                shown.active = step is not None
                changed[shown.active].append(shown.subscription)
            if step is not None and _layers(step) != _layers(shown.step or Step(track.handle, 0)):
                layers.append(_sfu.LayerChoice(shown.subscription, *_layers(step)))
            shown.step = step or shown.step
        if layers:
            self._pump.worker.choose_layers(layers)
        for active, subscriptions in changed.items():
            if subscriptions:
                self._pump.worker.set_active(subscriptions, active)
        if pictures and (self._limited or not self._allotment.known(now_ms)):
            self._review_in(REVIEW_MS)
        elif any(track.is_scalable for _, (_, track, _) in pictures):
            self._review_in(LAYERS_REVIEW_MS)

    def _demand(self, index: int, shown: _Shown, section: ViewedSection, track: LiveTrack, height: int) -> Demand:
        codecs = {item.bitstream.codec for item in section.formats_for(track.bitstreams)}
        steps = useful_steps(self._rates.steps(track.handles_for(codecs), track.source, self._now_ms), height)
        if track.blocked:
            steps = silent_steps(steps, self._allotment.limited)
        rank = Rank.PINNED if index == 0 else Rank.TILE
        rank = Rank.SCREEN if track.source is Source.SCREEN else rank
        return Demand(rank, height or 2 * HALF_HEIGHT, steps, _current(shown, track, steps))

    def _add(self, section: ViewedSection, track: LiveTrack) -> int:
        formats = section.formats_for(track.bitstreams)
        entry = formats[0]
        if self.reach is not None:
            self.reach.add((track,))
        if track.source.kind is TrackKind.VIDEO:
            self._pump.worker.request_keyframe(track.handle)
        return self._pump.worker.add_subscription(
            self.link.handle,
            track.handle,
            draw_ssrc(),
            draw_ssrc() if entry.rtx_payload_type else 0,
            entry.payload_type,
            entry.rtx_payload_type,
            section.mid.encode() if entry.extensions.mid else b"",
            native_extensions(entry.extensions),
            entry.red_payload_type,
            True,
            formats=[native_format(item) for item in formats],
        )

    def _on_estimate(self, bps: int, limited: bool) -> None:
        first = not self._allotment.estimate_bps
        self._allotment.estimate_bps, self._allotment.limited = bps, limited
        if self._limited or ((first or limited) and bps < self._target[1]):
            self._follow()

    def _tell_core(self, allocated_bps: int, wanted_bps: int) -> None:
        near = all(
            abs(new - told) * 100 <= told * UNTOLD_PERCENT
            for new, told in zip((allocated_bps, wanted_bps), self._target, strict=True)
        )
        if not near and self.link.state is not LinkState.CLOSED:
            self._target = (allocated_bps, wanted_bps)
            self._pump.worker.set_target(self.link.handle, allocated_bps, wanted_bps)

    def _review_in(self, delay_ms: int) -> None:
        if self._review is None:
            self._review = self._loop.call_later(delay_ms / 1_000, self._review_now)

    def _review_now(self) -> None:
        self._review = None
        try:
            self._follow()
        except Exception:
            log.exception("a viewer's share was not brought up to date")


def _layers(step: Step) -> tuple[int, int, int]:
    return step.track, step.spatial, step.temporal


def _current(shown: _Shown, track: LiveTrack, steps: Sequence[Step]) -> int:
    """Where among the steps of now that is which was chosen last."""
    if not shown.active:
        return PAUSED
    sent = _layers(shown.step or Step(track.handle, 0, ALL_LAYERS, ALL_LAYERS))
    return next((index for index, step in enumerate(steps) if _layers(step) == sent), 0)


class StageAudience:
    """All viewers of one stage.  `place` says where a new connection goes."""

    def __init__(
        self,
        services: LinkServices,
        place: Callable[[], tuple[WorkerPump, Reach | None]],
        preference: Sequence[Codec],
        rates: EncodingRates,
    ) -> None:
        self._services = services
        self._place = place
        self._preference = preference
        self._rates = rates
        self._loop = asyncio.get_running_loop()
        self._viewers: dict[str, StageViewer] = {}
        self._scene = Scene()
        self._speakers: tuple[str, ...] = ()
        self._outdated: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._viewers)

    def view(self, viewer_id: str, text: str, on_lost: Callable[[], None]) -> str:
        """Answer an offer.  Raises MediaRejected."""
        pump, reach = self._place()
        viewer = StageViewer(self._services, pump, reach, viewer_id, self._preference, self._rates, text, on_lost)
        if codecs := viewer.blind_to(self._scene):
            viewer.close()
            raise MediaRejected(
                Code.MEDIA_REJECTED, f"the stage's pictures are {', '.join(codecs)}, which the offer cannot decode"
            )
        self._viewers[viewer_id] = viewer
        viewer.show(self._scene, self._speakers)
        return viewer.answer

    def find(self, viewer_id: str) -> StageViewer | None:
        return self._viewers.get(viewer_id)

    def leave(self, viewer_id: str) -> None:
        self._outdated.pop(viewer_id, None)
        if (viewer := self._viewers.pop(viewer_id, None)) is not None:
            viewer.close()

    def show(self, scene: Scene) -> None:
        """This is on the stage from now on."""
        self._scene = scene
        self._update_soon()

    def heard(self, speakers: tuple[str, ...]) -> None:
        self._speakers = speakers
        self._update_soon()

    def watched(self, reach: Reach) -> set[str]:
        """By those who are reached that way."""
        return {track_id for viewer in self._viewers.values() if viewer.reach is reach for track_id in viewer.track_ids}

    def close(self) -> None:
        """The stage is not live any more, or the room's media end: everybody is told."""
        viewers, self._viewers = self._viewers, {}
        for viewer in viewers.values():
            viewer.close()
            viewer.on_lost()

    def _update_soon(self) -> None:
        """In slices: hundreds of viewers must not hold up those on stage."""
        waits_already = bool(self._outdated)
        self._outdated |= dict.fromkeys(self._viewers)
        if not waits_already:
            self._update_some()

    def _update_some(self) -> None:
        for viewer_id in list(self._outdated)[:VIEWERS_PER_SLICE]:
            del self._outdated[viewer_id]
            try:
                if (viewer := self._viewers.get(viewer_id)) is not None:
                    viewer.show(self._scene, self._speakers)
            except Exception:
                log.exception("a viewer of a stage was not brought up to date", viewer=viewer_id)
        if self._outdated:
            self._loop.call_soon(self._update_some)
