"""The self-signed certificate covers this machine's names and addresses and is kept as long as it does."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

from cryptography import x509

from collab import certificates
from collab.addresses import machine_addresses


def test_it_is_made_once_and_loads(tmp_path: Path) -> None:
    paths = certificates.self_signed_certificate(tmp_path)
    before = [path.read_bytes() for path in paths]
    assert certificates.self_signed_certificate(tmp_path) == paths
    assert [path.read_bytes() for path in paths] == before
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in paths)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(*paths)


def test_it_covers_localhost_and_every_address(tmp_path: Path) -> None:
    path, _ = certificates.self_signed_certificate(tmp_path)
    names = (
        x509.load_pem_x509_certificate(path.read_bytes())
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert set(machine_addresses()) <= set(names.get_values_for_type(x509.IPAddress))


def test_it_is_made_anew_when_it_does_not_fit_any_more(tmp_path: Path) -> None:
    path, key = certificates.self_signed_certificate(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    path.write_bytes(_expiring(other))
    certificates.self_signed_certificate(tmp_path)
    assert certificates._fits(path.read_bytes(), certificates._names(), set(machine_addresses()))
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(path, key)


def _expiring(folder: Path) -> bytes:
    """A certificate for no address at all."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    return certificates._certificate(key, {"elsewhere.example"}, ()).public_bytes(serialization.Encoding.PEM)
