"""Whose address counts, and who is trusted to say so."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from collab.edge.callers import Proxies, bearer_token, plain_address
from collab.setting_values import networks


class Peer:
    """A transport that says where it comes from."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name: str, default: object = None) -> object:
        return (self._address, 50_000) if name == "peername" else default


def seen(peer: str, forwarded: list[str], trusted: str) -> tuple[str, bool]:
    headers = CIMultiDict([("X-Forwarded-For", one) for one in forwarded])
    headers["X-Forwarded-Proto"] = "https"
    request = make_mocked_request("GET", "/", headers=headers, transport=Peer(peer))
    proxies = Proxies(networks(trusted))
    return proxies.address(request), proxies.secure(request)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address", "secure"),
    [
        ("198.51.100.9", ["203.0.113.1"], "", "198.51.100.9", False),  # nobody is trusted: the socket counts
        ("198.51.100.9", ["203.0.113.1"], "10.0.0.1", "198.51.100.9", False),  # not by this neighbour
        ("10.0.0.1", ["203.0.113.1"], "10.0.0.1", "203.0.113.1", True),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.1"], "10.0.0.1", "203.0.113.1", True),  # the client's own claim is left out
        ("10.0.0.1", ["6.6.6.6", "203.0.113.1, 10.0.0.2"], "10.0.0.0/24", "203.0.113.1", True),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.0/24", "10.0.0.3", True),  # all are proxies: the first one
        ("10.0.0.1", [], "10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", ["rubbish"], "10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", ["203.0.113.1, rubbish"], "10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", ["203.0.113.1:4711"], "10.0.0.1", "203.0.113.1", True),
        ("::ffff:10.0.0.1", ["[2001:db8::5]:4711"], "10.0.0.1", "2001:db8::5", True),
        ("::1", ["203.0.113.1"], "::1", "203.0.113.1", True),
    ],
)
def test_the_address_behind_proxies(peer: str, forwarded: list[str], trusted: str, address: str, secure: bool) -> None:
    assert seen(peer, forwarded, trusted) == (address, secure)


@given(st.text(max_size=60))
def test_plain_address_takes_anything(text: str) -> None:
    assert plain_address(plain_address(text)) == plain_address(text)


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", ""), ("abc", ""), ("", "")],
)
def test_bearer_token(header: str, token: str) -> None:
    assert bearer_token(make_mocked_request("GET", "/", headers={"Authorization": header})) == token
