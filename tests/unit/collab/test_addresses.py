"""What browsers are told to send media to."""

from __future__ import annotations

import ipaddress

import pytest

from collab.addresses import (
    ADVERTISED_MAX,
    EVERY_ADDRESS,
    EVERY_IPV4_ADDRESS,
    LOOPBACK,
    TcpPlan,
    advertised_addresses,
    bindable,
    machine_addresses,
    tcp_plan,
)

MACHINE = [ipaddress.ip_address("192.0.2.5"), ipaddress.ip_address("2001:db8::5")]


def test_what_is_configured_is_told_as_it_is() -> None:
    assert advertised_addresses(("203.0.113.7", "2001:db8::7"), "0.0.0.0") == ("203.0.113.7", "2001:db8::7")  # noqa: S104


def test_a_port_on_one_address_is_told_with_that_address() -> None:
    assert advertised_addresses((), "127.0.0.1") == ("127.0.0.1",)


def test_otherwise_the_machines_own_that_the_socket_can_serve() -> None:
    four, six = advertised_addresses((), "0.0.0.0"), advertised_addresses((), "::")  # noqa: S104
    assert all(":" not in address for address in four)
    assert set(four) <= {*six, LOOPBACK}
    assert {str(address) for address in machine_addresses()} <= {*six}
    assert len(six) <= ADVERTISED_MAX


def test_a_setting_is_bound_as_it_is_where_the_kernel_has_ipv6() -> None:
    assert bindable("192.0.2.1") == "192.0.2.1"
    assert bindable(EVERY_IPV4_ADDRESS) == EVERY_IPV4_ADDRESS
    assert bindable(EVERY_ADDRESS) in (EVERY_ADDRESS, EVERY_IPV4_ADDRESS)


@pytest.mark.parametrize(
    ("http", "media", "plan"),
    [
        # Different numbers, or numbers that are not known yet: the media plane listens for itself.
        ((EVERY_ADDRESS, 8080), (EVERY_ADDRESS, 8081), TcpPlan(False, (EVERY_ADDRESS,))),
        ((EVERY_ADDRESS, 0), (EVERY_ADDRESS, 0), TcpPlan(False, (EVERY_ADDRESS,))),
        # The web server has the number everywhere.
        ((EVERY_ADDRESS, 8080), (EVERY_ADDRESS, 8080), TcpPlan(True, ())),
        ((EVERY_ADDRESS, 8080), ("192.0.2.5", 8080), TcpPlan(True, ())),
        (("192.0.2.5", 8080), ("192.0.2.5", 8080), TcpPlan(True, ())),
        # It has it for IPv4, or behind a proxy for loopback only.
        ((EVERY_IPV4_ADDRESS, 8080), (EVERY_ADDRESS, 8080), TcpPlan(True, ("2001:db8::5",))),
        ((EVERY_IPV4_ADDRESS, 8080), (EVERY_IPV4_ADDRESS, 8080), TcpPlan(True, ())),
        ((LOOPBACK, 8080), (EVERY_ADDRESS, 8080), TcpPlan(False, ("192.0.2.5", "2001:db8::5"))),
        ((LOOPBACK, 8080), (EVERY_IPV4_ADDRESS, 8080), TcpPlan(False, ("192.0.2.5",))),
    ],
)
def test_one_tcp_port_number_serves_both(http: tuple[str, int], media: tuple[str, int], plan: TcpPlan) -> None:
    assert tcp_plan(http, media, MACHINE) == plan


def test_a_machine_without_a_network_shares_its_port() -> None:
    assert tcp_plan((EVERY_ADDRESS, 8080), (EVERY_ADDRESS, 8080), []) == TcpPlan(True, ())
