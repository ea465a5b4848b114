"""The way out to push services: encrypted by pywebpush (RFC 8291), signed (RFC 8292), to public addresses only."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException

from collab.edge.outward import OutwardClient, is_public, refused_because
from collab.keys import check_secret_file, write_secret_file

from .push import Outcome, Push

KEY_FILE: Final = "push.pem"
TTL_S: Final = 86_400  # a push service keeps it for a browser that is off
URGENT_TTL_S: Final = 120
SIGNED_FOR_S: Final = 3_600
ANSWER_MAX_S: Final = 10

log = structlog.get_logger("push")


class VapidKey:
    """This server's key towards push services (RFC 8292).  `read` blocks."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._vapid = Vapid02(key)
        self._contact = contact
        point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self.public = base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    @classmethod
    def read(cls, folder: Path, contact: str) -> VapidKey:
        """Made at the first start, 0600."""
        path = folder / KEY_FILE
        if not path.exists():
            fresh = ec.generate_private_key(ec.SECP256R1())
            encoded = fresh.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            write_secret_file(path, encoded)
        check_secret_file(path)
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{path} holds no key of an elliptic curve")
        return cls(key, contact)

    def authorization(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + SIGNED_FOR_S,
            "sub": f"mailto:{self._contact}",
        }
        return str(self._vapid.sign(claims)["Authorization"])


class HttpPushWay:
    """A push.PushWay.  `close` at the end."""

    def __init__(self, key: VapidKey, allowed: Callable[[str], bool] = is_public) -> None:
        self._key = key
        self._client = OutwardClient(allowed, ANSWER_MAX_S)

    async def close(self) -> None:
        await self._client.close()

    async def send(self, push: Push) -> Outcome:
        """A redirect is a refusal: it would lead where nobody has looked."""
        try:
            keys = {"p256dh": push.p256dh, "auth": push.auth}
            encoded = WebPusher({"endpoint": push.endpoint, "keys": keys}).encode(push.payload, "aes128gcm")
        except (WebPushException, ValueError) as error:
            log.info("push_key_refused", cause=repr(error))
            return Outcome.GONE
        headers = {
            "Authorization": self._key.authorization(push.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(URGENT_TTL_S if push.urgent else TTL_S),
            "Urgency": "high" if push.urgent else "normal",
        }
        try:
            async with self._client.session.post(
                push.endpoint, data=bytes(encoded["body"]), headers=headers, allow_redirects=False
            ) as response:
                return _outcome(response.status)
        except (ClientError, OSError, TimeoutError) as error:
            if refused := refused_because(error):
                log.warning("push_address_refused", cause=str(refused))
                return Outcome.GONE
            log.info("push_service_away", cause=repr(error))
            return Outcome.LATER


def _outcome(status: int) -> Outcome:
    """RFC 8030 5 and 7.3."""
    if 200 <= status < 300:
        return Outcome.SENT
    if status in (404, 410):
        return Outcome.GONE
    return Outcome.LATER if status == 429 or status >= 500 else Outcome.REFUSED
