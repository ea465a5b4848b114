"""The seal of a finished file: one last line, a comment in PDF and in HTML, that signs every byte before it.

    %tongxin-seal BASE64          (PDF: what follows %%EOF is ignored by every reader)
    <!--tongxin-seal BASE64-->    (HTML)

BASE64 holds JSON: the SHA-256 of all bytes before the line, the last link of the chain, and an Ed25519 signature
(RFC 8032) over both by the server's report key.  A changed byte before the line changes the hash; a changed byte in the
line breaks the signature or is no longer the one way to write it.
"""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Struct

FILE_MAX_BYTES: Final = 128 * 1024 * 1024
SEAL_MAX_BYTES: Final = 2_048
_CONTEXT: Final = b"tongxin-report-seal-1\0"
_FRAMES: Final = ((b"%tongxin-seal ", b"\n"), (b"<!--tongxin-seal ", b"-->\n"))

Hex64 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Hex128 = Annotated[str, Meta(pattern="^[0-9a-f]{128}$")]


class FileKind(StrEnum):
    PDF = "pdf"
    HTML = "html"


class Verdict(StrEnum):
    INTACT = "intact"
    NO_SEAL = "no_seal"  # not one of our reports, or its end is missing
    CHANGED = "changed"
    UNKNOWN_KEY = "unknown_key"  # unchanged since somebody else's key signed it
    TOO_LONG = "too_long"


class Seal(Struct, frozen=True, forbid_unknown_fields=True):
    content: Hex64  # SHA-256 of every byte before the line
    chain: Hex64  # last link
    key: Hex64  # public key
    signature: Hex128


class Finding(Struct, frozen=True):
    verdict: Verdict
    key: str = ""
    chain: str = ""


def sealed(file: bytes, chain: str, key: Ed25519PrivateKey) -> bytes:
    """The file with its seal."""
    public = key.public_key().public_bytes_raw().hex()
    content = hashlib.sha256(file).hexdigest()
    seal = Seal(content, chain, public, key.sign(_signed(content, chain)).hex())
    before, after = _FRAMES[0] if file.startswith(b"%PDF-") else _FRAMES[1]
    return file + before + base64.b64encode(msgspec.json.encode(seal)) + after


def verify(file: bytes, trusted: frozenset[str]) -> Finding:
    """`trusted`: public keys, hex, whose reports are ours."""
    if len(file) > FILE_MAX_BYTES:
        return Finding(Verdict.TOO_LONG)
    before, after = _FRAMES[0] if file.startswith(b"%PDF-") else _FRAMES[1]
    at = file.rfind(before, max(0, len(file) - SEAL_MAX_BYTES))
    if at < 0:
        return Finding(Verdict.NO_SEAL)
    line = file[at + len(before) :]
    if not line.endswith(after):
        return Finding(Verdict.CHANGED)
    packed = line[: -len(after)]
    try:
        seal = msgspec.json.decode(base64.b64decode(packed, validate=True), type=Seal)
    except ValueError:  # no base64, no UTF-8, no JSON, or not a seal
        return Finding(Verdict.CHANGED)
    if base64.b64encode(msgspec.json.encode(seal)) != packed:  # one seal has one way to be written
        return Finding(Verdict.CHANGED)
    if hashlib.sha256(file[:at]).hexdigest() != seal.content:
        return Finding(Verdict.CHANGED)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal.key)).verify(
            bytes.fromhex(seal.signature), _signed(seal.content, seal.chain)
        )
    except (InvalidSignature, ValueError):
        return Finding(Verdict.CHANGED)
    verdict = Verdict.INTACT if seal.key in trusted else Verdict.UNKNOWN_KEY
    return Finding(verdict, seal.key, seal.chain)


def _signed(content: str, chain: str) -> bytes:
    return _CONTEXT + content.encode() + chain.encode()
