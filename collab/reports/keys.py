"""The key that seals reports: Ed25519, made at first need, kept in the data folder (0600)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from collab.keys import check_secret_file, write_secret_file
from collab.problems import StartFailure

KEY_FILE: Final = "report-key.pem"


def report_key(data_folder: Path) -> Ed25519PrivateKey:
    """Raises StartFailure when the file is no Ed25519 key, or can be read by others."""
    path = data_folder / KEY_FILE
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        write_secret_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return key
    check_secret_file(path)
    try:
        loaded = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError):
        loaded = None
    if not isinstance(loaded, Ed25519PrivateKey):
        raise StartFailure(f"{path} is not an Ed25519 key: put back the one that sealed the reports.")
    return loaded


def known_keys(data_folder: Path) -> frozenset[str]:
    """The public keys, hex, whose reports are this server's; none before the first report."""
    if not (data_folder / KEY_FILE).exists():
        return frozenset()
    return frozenset({public_hex(report_key(data_folder))})


def public_hex(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()
