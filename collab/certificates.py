"""A certificate of our own for HTTPS on a local network (`tongxin serve --self-signed`).

Browsers warn of it once; after that a phone on the LAN gets a secure context, and with it camera and microphone.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .addresses import machine_addresses
from .keys import check_secret_file, write_secret_file

CERTIFICATE_NAME = "self-signed.pem"
KEY_NAME = "self-signed.key"
VALID = dt.timedelta(days=397)  # the longest that all browsers take
RENEW_BEFORE = dt.timedelta(days=14)

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def self_signed_certificate(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) in the data folder; made anew when they run out or the machine's addresses have changed."""
    certificate_path, key_path = folder / CERTIFICATE_NAME, folder / KEY_NAME
    names, addresses = _names(), {*machine_addresses(), ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")}
    if certificate_path.exists() and key_path.exists():
        check_secret_file(key_path)
        if _fits(certificate_path.read_bytes(), names, addresses):
            return certificate_path, key_path
    key = ec.generate_private_key(ec.SECP256R1())
    write_secret_file(
        key_path,
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    write_secret_file(certificate_path, _certificate(key, names, addresses).public_bytes(serialization.Encoding.PEM))
    return certificate_path, key_path


def _names() -> set[str]:
    host = socket.gethostname().lower()
    plain = host if host.isascii() and all(part and len(part) <= 63 for part in host.split(".")) else ""
    return {"localhost", *({plain, f"{plain.partition('.')[0]}.local"} if plain else ())}


def _certificate(key: ec.EllipticCurvePrivateKey, names: set[str], addresses: Iterable[IPAddress]) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tongxin")])
    alternatives = [*map(x509.DNSName, sorted(names)), *map(x509.IPAddress, sorted(addresses, key=str))]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _fits(pem: bytes, names: set[str], addresses: set[IPAddress]) -> bool:
    certificate = x509.load_pem_x509_certificate(pem)
    if certificate.not_valid_after_utc - dt.datetime.now(dt.UTC) < RENEW_BEFORE:
        return False
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names <= set(covered.get_values_for_type(x509.DNSName)) and addresses <= set(
        covered.get_values_for_type(x509.IPAddress)
    )
