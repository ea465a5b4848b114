"""Every key that Tongxin has in Redis: its name, type, time to live and who writes it.  Nowhere else is a key spelled.

All keys begin with PREFIX, so that a Redis can be shared and a test can use a prefix of its own.
"""

from __future__ import annotations

PREFIX = "tongxin:"

LEASE_MS = 10_000
HOLDER_KEPT_MS = 8 * 86_400_000  # longer than any snapshot that it fences
SNAPSHOT_KEPT_MS = 7 * 86_400_000
SUMMARY_KEPT_MS = 30_000
NODE_KEPT_MS = 10_000
IDENTITY_KEPT_MS = 30_000


class Keys:
    """One method per key."""

    def __init__(self, prefix: str = PREFIX) -> None:
        self._prefix = prefix

    def lease(self, room_id: str) -> str:
        """String "epoch node"; LEASE_MS, renewed; written by scripts/lease_*.lua for leases.py."""
        return f"{self._prefix}room:{room_id}:lease"

    def holder(self, room_id: str) -> str:
        """String "epoch node", the last to whom the lease was given; HOLDER_KEPT_MS; written by
        scripts/lease_acquire.lua for leases.py."""
        return f"{self._prefix}room:{room_id}:holder"

    def snapshot(self, room_id: str) -> str:
        """String, a dumped room (MessagePack); SNAPSHOT_KEPT_MS; written by scripts/snapshot_save.lua for
        snapshots.py."""
        return f"{self._prefix}room:{room_id}:snapshot"

    def summary(self, room_id: str) -> str:
        """String, a RoomSummary (MessagePack); SUMMARY_KEPT_MS, kept alive by lease renewals; written by
        scripts/snapshot_save.lua for snapshots.py, read by presence.py."""
        return f"{self._prefix}room:{room_id}:summary"

    def node(self, node: str) -> str:
        """String "1"; NODE_KEPT_MS, beaten; written by presence.py."""
        return f"{self._prefix}node:{node}"

    def nodes(self) -> str:
        """Sorted set node -> when its beat runs out (ms); no expiry, cleaned by every beat; written by presence.py."""
        return f"{self._prefix}nodes"

    def identity_rooms(self, identity: str) -> str:
        """Sorted set room -> when it runs out (ms); IDENTITY_KEPT_MS, beaten; written by presence.py."""
        return f"{self._prefix}identity:{identity}:rooms"

    def session(self, token_hash: str) -> str:
        """String, an AccountSession (MessagePack); the session's own life, sliding; written by sessions.py."""
        return f"{self._prefix}session:{token_hash}"

    def account_sessions(self, account_id: str) -> str:
        """Sorted set token hash -> when it runs out (ms); as long as the longest session; written by sessions.py."""
        return f"{self._prefix}account:{account_id}:sessions"

    def bucket(self, rule: str, subject: str) -> str:
        """Hash tokens, at_ms; until the bucket is full again; written by scripts/rate_take.lua for rate.py."""
        return f"{self._prefix}rate:{rule}:{subject}"

    def once(self, kind: str, name_hash: str) -> str:
        """String, what its writer put there; the writer's time, or until it is taken; written by once.py."""
        return f"{self._prefix}once:{kind}:{name_hash}"

    def bus_channel(self, node: str) -> str:
        """Pub/sub channel, MessagePack frames for one node; nothing is stored; published by bus.py."""
        return f"{self._prefix}bus:{node}"
