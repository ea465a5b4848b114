"""Whether an ID token may be believed (OpenID Connect Core 3.1.3.7).  Pure: text, keys and `now` in, an identity out.

The algorithm is one of a closed list of signatures with public keys, and belongs to the key's kind: a token that is not
signed, or whose "secret" is a public key, is refused before any key is used.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from msgspec import Struct

from .models import SUBJECT_MAX_CHARS

TOKEN_MAX_CHARS: Final = 16_384
KEYS_MAX: Final = 50
LEEWAY_S: Final = 60  # of clocks
AGE_MAX_S: Final = 600
RSA_BITS: Final = range(2_048, 8_193)
MODULUS_MAX_CHARS: Final = 1_400  # of base64url
EXPONENT_MAX_CHARS: Final = 8
# Algorithm -> kind of key and curve.
ALGORITHMS: Final[Mapping[str, tuple[str, str]]] = {
    **{f"{family}{bits}": ("RSA", "") for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
}


class TokenRefused(Exception):
    """What it says cannot be believed; the text is for the log."""


class PublicKey(Struct, frozen=True):
    """A member of a JWK set (RFC 7517), as far as it is public."""

    kty: str
    kid: str = ""
    use: str = ""
    alg: str = ""
    n: str = ""
    e: str = ""
    crv: str = ""
    x: str = ""
    y: str = ""


class Expected(Struct, frozen=True):
    issuer: str
    client_id: str
    nonce: str
    access_token: str
    now_s: int


class Claims(Struct, frozen=True):
    """Of an ID token, or of the userinfo endpoint."""

    sub: str
    iat: float = 0
    email: str | None = None
    email_verified: bool | str | None = None  # some providers write the word
    name: str | None = None
    locale: str | None = None

    @property
    def mail_is_verified(self) -> bool:
        return self.email_verified in (True, "true")


class _Header(Struct, frozen=True):
    alg: str
    kid: str = ""
    crit: tuple[str, ...] | None = None


def algorithm_of(token: str) -> tuple[str, str]:
    """Of the header: (algorithm, key id, "" = none).  Raises TokenRefused."""
    if len(token) > TOKEN_MAX_CHARS or not token.isascii() or token.count(".") != 2:
        raise TokenRefused("not a signed token")
    head = token.partition(".")[0]
    try:
        header = msgspec.json.decode(_bytes_of(head), type=_Header)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise TokenRefused("unreadable header") from error
    if header.alg not in ALGORITHMS:
        raise TokenRefused(f"algorithm {header.alg[:20]!r}")
    if header.crit is not None:
        raise TokenRefused("critical extensions")
    return header.alg, header.kid


def key_for(keys: Sequence[PublicKey], algorithm: str, key_id: str) -> PublicKey | None:
    """The one key that may have signed; without a key id only where there is no choice."""
    kind, curve = ALGORITHMS[algorithm]
    fit = [
        key
        for key in keys[:KEYS_MAX]
        if key.kty == kind
        and key.use in ("", "sig")
        and key.alg in ("", algorithm)
        and (kind == "RSA" or key.crv == curve)
        and (not key_id or key.kid == key_id)
    ]
    return fit[0] if len(fit) == 1 else None


def verified(token: str, key: PublicKey, expected: Expected) -> Claims:
    """Raises TokenRefused."""
    algorithm, _ = algorithm_of(token)
    try:
        signed = jwt.decode(token, _imported(key, algorithm), algorithms=[algorithm])
        options: dict[str, Any] = {
            "iss": {"essential": True, "value": expected.issuer},
            "aud": {"essential": True, "value": expected.client_id},
        }
        CodeIDToken(
            signed.claims,
            signed.header,
            options,
            {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token},
        ).validate(now=expected.now_s, leeway=LEEWAY_S)
        claims = msgspec.convert(signed.claims, Claims)
    except (JoseError, msgspec.DecodeError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise TokenRefused(f"{type(error).__name__}: {error}"[:200]) from error
    if not expected.nonce or signed.claims.get("nonce") != expected.nonce:
        raise TokenRefused("nonce")
    if not expected.now_s - AGE_MAX_S - LEEWAY_S <= claims.iat <= expected.now_s + LEEWAY_S:
        raise TokenRefused("issued at another time")
    if not 0 < len(claims.sub) <= SUBJECT_MAX_CHARS or not claims.sub.isprintable():
        raise TokenRefused("subject")
    return claims


def _imported(key: PublicKey, algorithm: str) -> RSAKey | ECKey:
    """Its public part.  Raises TokenRefused, ValueError and JoseError."""
    kind, _ = ALGORITHMS[algorithm]
    if kind == "EC":
        return ECKey.import_key({"kty": "EC", "crv": key.crv, "x": key.x, "y": key.y})
    if len(key.n) > MODULUS_MAX_CHARS or not 0 < len(key.e) <= EXPONENT_MAX_CHARS:
        raise TokenRefused("size of the key")
    if int.from_bytes(_bytes_of(key.n)).bit_length() not in RSA_BITS:
        raise TokenRefused("size of the key")
    return RSAKey.import_key({"kty": "RSA", "n": key.n, "e": key.e})


def _bytes_of(text: str) -> bytes:
    """Of base64url without padding (RFC 7515 2).  Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
