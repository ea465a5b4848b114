"""A tap of a room's media that keeps up with the room, for a process that films it or listens to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from rooms.core.model import RoomView
from signaling.sfu.room import MediaRoom
from signaling.sfu.tap import Tap

from . import wire


class RoomSight(Struct, frozen=True):
    """Where a process looks: `view` None when the room is not live any more, `media` None when nobody has media."""

    view: Callable[[], RoomView | None]
    media: Callable[[], MediaRoom | None]
    audience: bool = False  # it sees and hears what the audience of a stage does


class RoomTap:
    """`host` is where the process reaches the media worker; `on_streams` must neither block nor raise.  `everything`:
    all tracks too that are neither shown nor heard."""

    def __init__(
        self,
        sight: RoomSight,
        host: str,
        on_streams: Callable[[tuple[wire.Stream, ...]], None],
        *,
        everything: bool = False,
    ) -> None:
        self._sight = sight
        self._host = host
        self._on_streams = on_streams
        self._everything = everything
        self._tap: Tap | None = None
        self.media: MediaRoom | None = None

    def follow(self) -> wire.Connect | None:
        """To be called again and again.  What the process has to be told when its packets come another way now."""
        media = self._sight.media()
        if media is self.media and self._tap is not None:
            return None
        self.close()
        self.media = media
        if media is None:
            return None
        self._tap = media.open_tap(
            self._host, self._on_streams, audience=self._sight.audience, everything=self._everything
        )
        return self._tap.connect

    def show(self, heights: Mapping[str, int]) -> None:
        """What is shown of it: by track, how high in pixels."""
        if self.media is not None and self._tap is not None:
            self.media.tap_changed(self._tap, heights)

    def close(self) -> None:
        if self.media is not None and self._tap is not None:
            self.media.close_tap(self._tap)
        self._tap = None
