"""What browsers are told to send media to."""

from __future__ import annotations

from collab.addresses import LOOPBACK, advertised_addresses, machine_addresses


def test_what_is_configured_is_told_as_it_is() -> None:
    assert advertised_addresses(("203.0.113.7", "2001:db8::7"), "0.0.0.0") == ("203.0.113.7", "2001:db8::7")  # noqa: S104


def test_a_port_on_one_address_is_told_with_that_address() -> None:
    assert advertised_addresses((), "127.0.0.1") == ("127.0.0.1",)


def test_otherwise_the_machines_own_that_the_socket_can_serve() -> None:
    four, six = advertised_addresses((), "0.0.0.0"), advertised_addresses((), "::")  # noqa: S104
    assert all(":" not in address for address in four)
    assert set(four) <= {*six, LOOPBACK}
    assert {str(address) for address in machine_addresses()} <= {*six}
