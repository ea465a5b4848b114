"""The publishing connection of one seat and its tracks in the core."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from rooms.core.codes import Code
from rooms.core.model import Source, Track, TrackKind
from signaling.messages import Encodings, PreferredCodec, PublishedMedia
from signaling.ports import MediaRejected, PublishedResult
from signaling.webrtc import publishing, sdp
from signaling.webrtc.codecs import Codec
from signaling.webrtc.publishing import PublishedStream, PublishingAnswer, Request
from signaling.webrtc.sctp import Channel
from signaling.webrtc.transport import RemoteTransport

from .codec_policy import Decision, SourceCodecs
from .link import Link, LinkServices, LinkState
from .pump import WorkerPump
from .tracks import NATIVE_CODEC, NATIVE_KIND, Encoding, LiveTrack, native_extensions, native_format
from .watch import EncodingWatch

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Connection:
    link: Link
    remote: RemoteTransport
    origin_id: int
    version: int = 0


class Publisher:
    """A client that comes with a new RTCPeerConnection (a reload) gets a new link; its tracks keep their ids."""

    def __init__(
        self,
        services: LinkServices,
        pump: WorkerPump,
        room_handle: int,
        participant_id: str,
        seat_number: int,
        preference: Sequence[Codec],
        on_lost: Callable[[bool], None],
        on_message: Callable[[Channel, bytes], None],
        on_notice: Callable[[Encodings | PreferredCodec], None],
    ) -> None:
        self._services = services
        self._pump = pump
        self._room_handle = room_handle
        self._participant_id = participant_id
        self._seat_number = seat_number
        self._preference = preference
        self._on_lost = on_lost
        self._on_message = on_message
        self._connection: _Connection | None = None
        self._on_notice = on_notice
        self._watch = EncodingWatch(pump, on_notice)
        self._told: dict[str, Decision] = {}  # by track: what its client was asked for
        self.tracks: dict[str, LiveTrack] = {}

    @property
    def link(self) -> Link | None:
        return self._connection.link if self._connection is not None else None

    def publish(self, text: str, media: Sequence[PublishedMedia], *, obeys: bool) -> PublishedResult:
        """Answer an offer and take over what it carries.  Raises MediaRejected; then nothing has changed.

        `obeys`: its client can be asked for another codec, and for a second stream.
        """
        request = self._request(media) if obeys else Request()
        sources = {item.mid: item.source for item in media if not item.backup or item.mid in request.backups}
        muted = {item.mid: item.muted for item in media}
        try:
            offer = sdp.parse(text)
            remote = publishing.read_offer(offer)
            former, connection = self._connection, self._connection_for(remote)
            kept = connection is former
            try:
                answer = self._answer(offer, sources, connection, request)
                if remote.restarts_ice(connection.remote):
                    connection.link.restart_ice()
                    answer = self._answer(offer, sources, connection, request)
            except sdp.SdpError:
                if not kept:
                    connection.link.close()
                raise
        except sdp.SdpError as error:
            raise MediaRejected(Code.MEDIA_REJECTED, str(error)) from error
        connection.remote = remote
        connection.version += 1
        self._connection = connection
        connection.link.expect(remote.fingerprints)
        if answer.data is not None:
            data = answer.data
            connection.link.agree_on_data(data.remote_port, data.remote_max_message_bytes, self._on_message)
        tracks = self._take_over([stream for stream in answer.streams if not stream.backup], kept)
        if former is not None and not kept:
            former.link.close()
        for mid, track in tracks:
            if not track.known and muted[mid]:
                self.block(track.id, True)
            self._begin_codecs(track, obeys=obeys)
            backup = next((item for item in answer.streams if item.backup and item.source is track.source), None)
            self._take_backup(track, backup, kept)
        return PublishedResult(
            answer.sdp,
            tuple((mid, Track(track.id, track.source, track.codec.value, muted[mid])) for mid, track in tracks),
        )

    def block(self, track_id: str, blocked: bool) -> None:
        track = self.tracks.get(track_id)
        if track is None:
            return
        track.blocked = blocked
        for handle in track.handles:
            self._pump.worker.set_track_blocked(handle, blocked)

    def drop(self, track_id: str) -> None:
        """The track may not be published any more."""
        track = self.tracks.pop(track_id, None)
        if track is not None:
            self._told.pop(track_id, None)
            self._remove(track)

    def repeat_notices(self) -> None:
        """The client has a new signalling connection."""
        self._watch.repeat()
        for track_id, decision in self._told.items():
            self._say_codec(track_id, decision)

    def tell_codec(self, track: LiveTrack) -> None:
        """What was decided for it may be new."""
        if track.codecs is None or self._told.get(track.id, track.codecs.begun) == track.codecs.decision:
            return
        self._told[track.id] = track.codecs.decision
        self._say_codec(track.id, track.codecs.decision)

    def _say_codec(self, track_id: str, decision: Decision) -> None:
        self._on_notice(PreferredCodec(track_id=track_id, codec=decision.codec, backup=decision.backup or ""))

    def restart_ice(self) -> Link:
        """New credentials outside of an offer (HTTP PATCH).  Raises MediaRejected when there is no connection."""
        if self._connection is None or self._connection.link.state is LinkState.CLOSED:
            raise MediaRejected(Code.CONFLICT, "no publishing connection")
        self._connection.link.restart_ice()
        return self._connection.link

    def link_ended(self) -> None:
        """DTLS is over: free the transport.  The tracks stay listed until the room drops them or the client returns."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.link.close()
        self._watch.close()
        for track in self.tracks.values():
            track.encodings, track.backup = (), None

    def close(self) -> None:
        self.link_ended()
        self.tracks.clear()

    # ------------------------------------------------------------ inside

    def _connection_for(self, remote: RemoteTransport) -> _Connection:
        if self._connection is not None and self._connection.remote.same_connection(remote):
            return self._connection
        opened: Link | None = None

        def lost(over: bool) -> None:
            if self.link is opened:  # a former connection's end is of no interest
                self._on_lost(over)

        opened = Link(self._services, self._pump, lost)
        return _Connection(opened, remote, secrets.randbits(62))

    def _answer(
        self, offer: sdp.SessionDescription, sources: Mapping[str, Source], connection: _Connection, request: Request
    ) -> PublishingAnswer:
        local, version = connection.link.local, connection.version + 1
        return publishing.answer_offer(offer, sources, local, self._preference, connection.origin_id, version, request)

    def _request(self, media: Sequence[PublishedMedia]) -> Request:
        decisions = {track.source: track.codecs.decision for track in self.tracks.values() if track.codecs is not None}
        asked = ((item.mid, decisions.get(item.source)) for item in media if item.backup)
        return Request(
            turns=True,
            codecs={source: decision.codec for source, decision in decisions.items()},
            backups={mid: decision.backup for mid, decision in asked if decision is not None and decision.backup},
        )

    def _take_over(self, streams: Sequence[PublishedStream], same_link: bool) -> list[tuple[str, LiveTrack]]:
        """Match streams to the tracks that were there: by mid on the same connection, else by source."""
        unclaimed = dict(self.tracks)
        claimed: dict[str, LiveTrack] = {}
        for stream in streams:
            for track in unclaimed.values():
                if same_link and track.stream.mid == stream.mid and track.source is stream.source:
                    claimed[stream.mid] = unclaimed.pop(track.id)
                    break
        for stream in streams:
            if stream.mid not in claimed:
                heir = next((track for track in unclaimed.values() if track.source is stream.source), None)
                if heir is not None:
                    claimed[stream.mid] = unclaimed.pop(heir.id)
        for track in unclaimed.values():
            self.drop(track.id)
        result: list[tuple[str, LiveTrack]] = []
        for stream in streams:
            if stream.mid not in claimed:
                track = LiveTrack(secrets.token_hex(8), self._participant_id, stream, self._add(stream))
                self.tracks[track.id] = track
                self._watch.follow(track)
                result.append((stream.mid, track))
                continue
            track = claimed[stream.mid]
            if not same_link or not track.handle or not track.stream.is_same(stream):
                if same_link:
                    self._remove(track)
                track.encodings, track.backup, track.stream = (), None, stream
                track.encodings = self._add(stream)
                track.generation += 1
                self._watch.follow(track)
                self.block(track.id, track.blocked)
            result.append((stream.mid, track))
        return result

    def _remove(self, track: LiveTrack) -> None:
        self._watch.forget(track.id)
        for handle in track.handles:
            self._pump.worker.remove_track(handle)
        track.encodings, track.backup = (), None

    def _begin_codecs(self, track: LiveTrack, *, obeys: bool) -> None:
        """A stream that can come in other codecs than the former is a new question."""
        if track.source.kind is not TrackKind.VIDEO:
            return
        codecs = sorted((item.bitstream.codec for item in track.stream.formats), key=self._rank)
        if track.codecs is None or set(track.codecs.codecs) != set(codecs):
            track.codecs = SourceCodecs(codecs, backs_up=obeys)

    def _rank(self, codec: Codec) -> int:
        return list(self._preference).index(codec)

    def _take_backup(self, track: LiveTrack, stream: PublishedStream | None, same_link: bool) -> None:
        if track.backup is not None and (not same_link or stream != track.backup_stream):
            self._pump.worker.remove_track(track.backup.handle)
            track.backup = None
        track.backup_stream = stream
        if stream is None or track.backup is not None or not track.handle:
            return
        try:
            track.backup = Encoding("", self._add_encoding(stream, "", track.handle))
        except ValueError:  # the source goes on without: whoever needs it sees nothing, and is told
            log.exception("a second stream was not taken", track=track.id)
            track.backup_stream = None
            return
        self.block(track.id, track.blocked)

    def _add(self, stream: PublishedStream) -> tuple[Encoding, ...]:
        """Lowest first.  Raises MediaRejected; then nothing was added."""
        added: list[Encoding] = []
        try:
            for rid in stream.rids or ("",):
                added += [Encoding(rid, self._add_encoding(stream, rid))]
        except ValueError as error:
            for encoding in added:
                self._pump.worker.remove_track(encoding.handle)
            raise MediaRejected(
                Code.MEDIA_REJECTED, f"the media core refused section {stream.mid!r}: {error}"
            ) from error
        return tuple(added)

    def _add_encoding(self, stream: PublishedStream, rid: str, sibling: int = 0) -> int:
        if self._connection is None:
            raise RuntimeError("no connection to add a track to")
        return self._pump.worker.add_track(
            self._connection.link.handle,
            # The sound of a screen competes with nobody.
            self._room_handle if stream.source is Source.MICROPHONE else 0,
            NATIVE_KIND[stream.kind],
            NATIVE_CODEC[stream.bitstream.codec],
            stream.bitstream.codec.clock_rate,
            stream.payload_type,
            stream.rtx_payload_type,
            stream.ssrc,
            stream.rtx_ssrc,
            stream.mid.encode(),
            native_extensions(stream.extensions),
            stream.red_payload_type,
            stream.nack,
            stream.transport_cc,
            rid.encode(),
            self._seat_number,
            [native_format(item) for item in stream.alternatives],
            sibling,
        )
