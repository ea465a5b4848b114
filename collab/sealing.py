"""Secrets that have to be read again (an encoder's passphrase, another platform's key), sealed before they reach SQL.

AES-256-GCM with a key that is made at first need and kept in the data folder (0600): who reads the database alone reads
none of them.  Each is bound to what it belongs to, so that one cannot be put in place of another.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from collab.keys import check_secret_file, write_secret_file
from collab.problems import StartFailure

KEY_FILE: Final = "sealing.key"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class Unsealable(Exception):
    """It was sealed with another key, for something else, or is damaged."""


class Sealer:
    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def read(cls, folder: Path) -> Sealer:
        """Blocks.  Raises StartFailure when the file is no key, or can be read by others."""
        path = folder / KEY_FILE
        if not path.exists():
            write_secret_file(path, secrets.token_bytes(KEY_BYTES))
        check_secret_file(path)
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise StartFailure(f"{path} is not a key of {KEY_BYTES} bytes: put back the one that was made here.")
        return cls(key)

    def seal(self, secret: str, belongs_to: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), belongs_to.encode())).decode()

    def open(self, sealed: str, belongs_to: str) -> str:
        """Raises Unsealable."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], belongs_to.encode()).decode()
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise Unsealable(belongs_to) from error
