"""The relays that a participant may use, with a credential of their own that runs out.

The form is coturn's `use-auth-secret`: the username is when it ends (seconds) and for whom it is, the password a
base64 HMAC-SHA1 of that under the secret that both servers know.  Every joined message brings a new one, a resumed
seat's too, and who stays gets its successor in time (signaling/connection.py), so it need not outlast a long meeting.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from msgspec import Struct

from signaling.messages import IceServer

CREDENTIAL_S = 6 * 3_600


class TurnServers(Struct, frozen=True):
    urls: tuple[str, ...] = ()
    secret: str = ""

    def of(self, identity: str, now_ms: int, expires_at_ms: int = 0) -> tuple[IceServer, ...]:
        """For this identity from now on; not longer than until `expires_at_ms`, when that is not 0."""
        stun = tuple(url for url in self.urls if url.startswith("stun:"))
        turn = tuple(url for url in self.urls if not url.startswith("stun:"))
        servers = [IceServer(urls=stun)] if stun else []
        if turn:
            expires_s = now_ms // 1_000 + CREDENTIAL_S
            if expires_at_ms:
                expires_s = min(expires_s, expires_at_ms // 1_000)
            username = f"{expires_s}:{identity}"
            digest = hmac.new(self.secret.encode(), username.encode(), hashlib.sha1).digest()
            servers.append(IceServer(urls=turn, username=username, credential=base64.b64encode(digest).decode()))
        return tuple(servers)
