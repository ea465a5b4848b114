"""People behind firewalls that let only HTTPS and the relay through, and a relay that reaches nothing else.

The relay is Debian's coturn with deploy/turnserver.conf as it is shipped.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collab.certificates import self_signed_certificate
from collab.meetings.turn_servers import TurnServers
from tests.support import coturn, namespaces
from tests.support.attendee import open_attendee
from tests.support.chromium import open_chromium
from tests.support.coturn import PORT, TLS_PORT, Coturn
from tests.support.server import Tongxin
from tests.support.turn_client import TCP, Credential, TurnClient, rest_credential
from tests.support.ways import takes

REASON = namespaces.available() or coturn.available()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.network_namespaces,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(REASON), reason=REASON),
]

HTTP_PORT = 8443
SECRET = "of these tests alone, 7c1b"
INSIDE_V6, OUTSIDE_V6 = "fd99:53::1", "fd99:53::2"
GOOD, UNAUTHORIZED, FORBIDDEN, WRONG_FAMILY, WRONG_TRANSPORT = 0, 401, 403, 443, 442


@pytest.mark.parametrize(
    ("protocol", "open_port"),
    [("udp", f"udp {PORT}"), ("tcp", f"tcp {PORT}"), ("tls", f"tcp {TLS_PORT}")],
)
async def test_a_meeting_works_through_the_relay_alone(
    tmp_path: Path, pem: tuple[Path, Path], protocol: str, open_port: str
) -> None:
    # given a server, its relay, and a person behind a firewall that knows only the web and one of the relay's ports
    with (
        namespaces.pair(53) as (near, far),
        Coturn(tmp_path / "relay", near, SECRET, pem, allowed=[near.address]) as relay,
    ):
        environment = {"TONGXIN_TURN_URLS": ",".join(relay.urls), "TONGXIN_TURN_SECRET": SECRET}
        with Tongxin(
            tmp_path / "server",
            address=near.address,
            http_port=HTTP_PORT,
            arguments=("--self-signed",),
            command=near.command,
            environment=environment,
        ) as server:
            namespaces.shut(near, f"tcp {HTTP_PORT}", open_port)
            near_folder, far_folder = tmp_path / "a", tmp_path / "b"
            async with (
                open_chromium(near_folder, command=near.command) as near_browser,
                open_chromium(far_folder, command=far.command, flags=("--ignore-certificate-errors",)) as far_browser,
            ):
                free, shut_in = await open_attendee(near_browser, "Free"), await open_attendee(far_browser, "Shut in")
                # when they meet somebody whose network is open
                await free.join(server.meeting_link)
                await shut_in.join(server.meeting_link)
                # then both see and hear each other
                for person in (free, shut_in):
                    await person.receives("video", 1, frames=5)
                    await person.receives("audio", 1, sound=True)
                # and all media of the one takes the relay, the other's does not
                for side in ("pub", "sub"):
                    await takes(shut_in, side, f"relay {protocol}")
                    await takes(free, side, "direct udp")
                for person in (free, shut_in):
                    assert person.faults == []
                    await person.close()


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Coturn, namespaces.Host]]:
    """A relay with IPv4 and IPv6, and the host that asks it."""
    with namespaces.pair(54) as (near, far):
        for host, address in ((near, INSIDE_V6), (far, OUTSIDE_V6)):
            host.run("ip", "-6", "addr", "add", f"{address}/64", "dev", host.link, "nodad")
        folder = tmp_path_factory.mktemp("relay")
        pem = self_signed_certificate(folder)
        with Coturn(folder, near, SECRET, pem, allowed=[near.address], addresses=[INSIDE_V6]) as running:
            yield running, far


def asked(relay: tuple[Coturn, namespaces.Host], credential: Credential | None = None) -> TurnClient:
    running, host = relay
    credential = credential or given_to("id_1")
    return TurnClient(host.name, (running.address, PORT), credential)


def given_to(identity: str) -> Credential:
    """What the server tells this participant."""
    (server,) = TurnServers(("turn:relay.example",), SECRET).of(identity, time.time_ns() // 1_000_000)
    return Credential(server.username, server.credential)


# Each stands for a network of deploy/turnserver.conf; the neighbours of the one allowed address are among them.
INSIDE_V4 = (
    *("0.0.0.1", "10.0.0.1", "10.99.54.2", "10.99.54.3", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.9.9.9"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "255.255.255.255"),
)
V6_OF_THE_INSIDE = (
    *("::", "::1", "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("::ffff:192.168.1.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1"),
    *("2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1", "fc00::1", INSIDE_V6, OUTSIDE_V6, "fe80::1", "fec0::1"),
    *("ff02::1", "ff0e::1"),
)


def test_the_relay_reaches_the_media_server_and_nothing_inside(relay: tuple[Coturn, namespaces.Host]) -> None:
    client = asked(relay)
    try:
        assert client.allocate() == GOOD
        # the one address that the operator allowed, and one of the open Internet
        for text in ("10.99.54.1", "8.8.4.4"):
            assert client.permit(ipaddress.ip_address(text)) == GOOD
            assert client.bind_channel(ipaddress.ip_address(text)) == GOOD
        answers = {
            (text, call.__name__): call(ipaddress.ip_address(text))
            for text in INSIDE_V4
            for call in (client.permit, client.bind_channel)
        }
        assert {key: code for key, code in answers.items() if code != FORBIDDEN} == {}
        # an IPv6 form of an inside address does not slip through an IPv4 allocation
        assert client.permit(ipaddress.ip_address("::ffff:127.0.0.1")) in (WRONG_FAMILY, FORBIDDEN)
    finally:
        client.close()


def test_an_ipv6_relay_reaches_nothing_inside(relay: tuple[Coturn, namespaces.Host]) -> None:
    client = asked(relay)
    try:
        assert client.allocate(version=6) == GOOD
        assert client.permit(ipaddress.ip_address("2a00::1")) == GOOD
        answers = {
            (text, call.__name__): call(ipaddress.ip_address(text))
            for text in V6_OF_THE_INSIDE
            for call in (client.permit, client.bind_channel)
        }
        assert {key: code for key, code in answers.items() if code != FORBIDDEN} == {}
    finally:
        client.close()


def test_the_relay_opens_no_tcp_connections(relay: tuple[Coturn, namespaces.Host]) -> None:
    client = asked(relay)
    try:
        assert client.allocate(transport=TCP) == WRONG_TRANSPORT
    finally:
        client.close()


def test_only_a_credential_that_the_server_gave_and_that_still_lasts_is_taken(
    relay: tuple[Coturn, namespaces.Host],
) -> None:
    now_s = int(time.time())
    given = given_to("id_2")
    good_until, _, _ = given.username.partition(":")
    refused = {
        "expired": rest_credential(SECRET, "id_2", now_s - 60),
        "of another secret": rest_credential("guessed", "id_2", now_s + 600),
        "for another person": Credential(f"{good_until}:id_3", given.password),
        "made to last": Credential(f"{int(good_until) + 86_400}:id_2", given.password),
        "without an end": Credential("id_2", given.password),
        "empty": Credential(f"{good_until}:id_2", ""),
    }
    codes: dict[str, int] = {}
    for what, credential in {"given": given, **refused}.items():
        client = asked(relay, credential)
        try:
            codes[what] = client.allocate()
        finally:
            client.close()

    assert codes == {"given": GOOD, **dict.fromkeys(refused, UNAUTHORIZED)}
