"""What is shipped for operators holds the project's own promises: no default secrets, no relay to the inside."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from collab.config import read_settings, unknown_settings
from collab.setting_values import KNOWN_DEFAULTS
from tests.suite import ROOT

DEPLOY = ROOT / "deploy"

# One address for each special-purpose block of RFC 6890 that must not be reachable through a relay, and the mapped
# and translated forms that lead to IPv4 (RFC 4291 2.5.5.2, RFC 6052, RFC 3056, RFC 4380).
INSIDE = (
    *("0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::"),
    *("2001::1", "fc00::1", "fd12:3456::1", "fe80::1", "ff02::1"),
)


def test_the_relay_refuses_every_inside_address() -> None:
    ranges = re.findall(r"^denied-peer-ip=([^-\s]+)-(\S+)$", (DEPLOY / "turnserver.conf").read_text(), re.MULTILINE)
    denied = [(ipaddress.ip_address(low), ipaddress.ip_address(high)) for low, high in ranges]

    reachable = [text for text in INSIDE if not any(_between(ipaddress.ip_address(text), *pair) for pair in denied)]

    assert reachable == []


def test_no_range_of_the_relay_starts_at_the_unspecified_ipv6_address() -> None:
    """coturn reads such a range as one without a lower end, and refuses all of IPv4 with it.

    "::" itself is therefore in no range; that a running coturn refuses it is tests/e2e/test_turn.py's to show.
    """
    ranges = re.findall(r"^denied-peer-ip=([0-9a-f:]+)-", (DEPLOY / "turnserver.conf").read_text(), re.MULTILINE)

    assert [low for low in ranges if ":" in low and int(ipaddress.ip_address(low)) == 0] == []


def test_the_relay_leaves_the_outside_reachable() -> None:
    ranges = re.findall(r"^denied-peer-ip=([^-\s]+)-(\S+)$", (DEPLOY / "turnserver.conf").read_text(), re.MULTILINE)
    denied = [(ipaddress.ip_address(low), ipaddress.ip_address(high)) for low, high in ranges]

    assert not any(_between(ipaddress.ip_address(text), *pair) for text in ("8.8.4.4", "2a00::1") for pair in denied)


def test_compose_has_no_secret_of_its_own() -> None:
    values = [pair for service in _compose()["services"].values() for pair in service.get("environment", {}).items()]
    secrets = [value for name, value in values if "PASSWORD" in name or "SECRET" in name]

    assert secrets
    assert all(re.fullmatch(r"\$\{[A-Z_]+(?::\?[^}]*|:-)\}", value) for value in secrets)
    assert not {word for _, value in values for word in re.findall(r":([^:@/{}]+)@", value)} & KNOWN_DEFAULTS


def test_compose_names_only_settings_that_exist() -> None:
    environment: dict[str, Any] = _compose()["services"]["tongxin"]["environment"]

    assert unknown_settings(environment) == []


def test_compose_publishes_only_the_web_port_on_loopback_and_the_media_port() -> None:
    published = {name: service.get("ports", []) for name, service in _compose()["services"].items()}

    assert published == {
        "tongxin": ["127.0.0.1:8080:8080/tcp", "8081:8081/udp", "8081:8081/tcp"],
        **{name: [] for name in ("redis", "postgres", "coturn")},
    }


def test_the_unit_sets_only_settings_that_exist() -> None:
    unit = (DEPLOY / "tongxin.service").read_text()
    (line,) = re.findall(r"^Environment=(.*)$", unit, re.MULTILINE)
    environment = dict(pair.split("=", 1) for pair in line.split())

    assert unknown_settings(environment) == []
    assert read_settings(environment).data_dir == Path("/var/lib/tongxin")


@pytest.mark.parametrize("file", ["Makefile", ".ci/run", "deploy/system-packages", "deploy/Dockerfile"])
def test_nothing_is_fetched_from_an_address(file: str) -> None:
    """Only package managers bring things; the one address is the health check's own host."""
    addresses = re.findall(r"\w+://[^\s'\"]+", (ROOT / file).read_text())

    assert [address for address in addresses if "127.0.0.1" not in address] == []


def _compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def _between(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    low: ipaddress.IPv4Address | ipaddress.IPv6Address,
    high: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> bool:
    return address.version == low.version and int(low) <= int(address) <= int(high)
