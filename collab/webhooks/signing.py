"""Signatures of webhooks: HMAC-SHA256 over id, time and body, in the headers of Standard Webhooks.  Pure.

webhook-id: the message's, the same at every try
webhook-timestamp: seconds since the epoch of this try; receivers refuse old ones
webhook-signature: "v1,BASE64" for each secret that counts, with spaces between
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

SECRET_BEGINS: Final = "whsec_"  # noqa: S105 -- by which libraries for it know one
SECRET_BYTES: Final = 32


def secret_of(chance: bytes) -> str:
    return SECRET_BEGINS + base64.b64encode(chance).decode()


def signature(secret: str, message_id: str, timestamp_s: int, body: bytes) -> str:
    """Raises ValueError for what is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_BEGINS), validate=True)
    except binascii.Error as error:
        raise ValueError("not a webhook's secret") from error
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed_headers(secrets: tuple[str, ...], message_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signature(one, message_id, timestamp_s, body) for one in secrets if one),
    }
