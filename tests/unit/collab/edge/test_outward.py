"""The guard of what leaves for addresses that others choose: what is private, and that one look is what counts."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientConnectorError, ClientSession, web
from aiohttp.test_utils import BaseTestServer, TestServer

from collab.edge.outward import guarded_connector, is_public, public_or_within, refused_because
from collab.setting_values import networks

PRIVATE = """
127.0.0.1 127.8.8.8 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 169.254.0.1 100.64.0.1
100.100.100.200 0.0.0.0 0.1.2.3 224.0.0.1 240.0.0.1 255.255.255.255 192.0.0.192 192.0.2.1 198.18.0.1 168.63.129.16
::1 :: fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 2001::1 100::1
::ffff:10.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 ::10.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
64:ff9b:1::7f00:1 2002:0a00:0001::1 2002:7f00:1::
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


def test_networks_that_the_operator_names() -> None:
    allowed = public_or_within(networks("10.20.0.0/16,fd12::/16"))
    assert all(map(allowed, ("10.20.3.4", "::ffff:10.20.3.4", "fd12::1", "1.1.1.1")))
    assert not any(map(allowed, ("10.21.0.1", "127.0.0.1", "::ffff:10.21.0.1", "fd13::1")))


class Servers:
    """One that may be reached, at 127.0.0.2, and one that may not, at 127.0.0.1, on the same port."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.port = 0


async def _server(servers: Servers, host: str) -> AsyncIterator[BaseTestServer]:
    async def take(_request: web.Request) -> web.Response:
        servers.asked.append(host)
        return web.Response()

    app = web.Application()
    app.router.add_get("/", take)
    async with TestServer(app, host=host, port=servers.port) as server:
        servers.port = server.port or 0
        yield server


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    servers = Servers()
    async for _public in _server(servers, "127.0.0.2"):
        async for _private in _server(servers, "127.0.0.1"):
            yield servers


async def test_a_name_that_changes_its_address_is_followed_nowhere(servers: Servers) -> None:
    answers = ["127.0.0.2", "127.0.0.1", "127.0.0.2"]

    async def rebinding(host: str, _port: int, _family: int) -> list[tuple[int, str]]:
        assert host == "rebinding.example"
        return [(socket.AF_INET, answers.pop(0))]

    connector = guarded_connector(lambda address: address == "127.0.0.2", limit=2, look_up=rebinding)
    url = f"http://rebinding.example:{servers.port}/"
    async with ClientSession(connector=connector) as client:
        async with client.get(url) as response:  # one look-up for one connection
            assert response.status == 200
        assert answers == ["127.0.0.1", "127.0.0.2"]
        with pytest.raises(ClientConnectorError) as refused:  # nothing is kept: it is looked at again
            await client.get(url)
        assert refused_because(refused.value)
        async with client.get(url) as response:
            assert response.status == 200
    assert servers.asked == ["127.0.0.2", "127.0.0.2"]


async def test_one_private_address_among_public_ones_refuses_the_name(servers: Servers) -> None:
    async def both(_host: str, _port: int, _family: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET, "127.0.0.2"), (socket.AF_INET, "127.0.0.1")]

    connector = guarded_connector(lambda address: address == "127.0.0.2", limit=2, look_up=both)
    async with ClientSession(connector=connector) as client:
        with pytest.raises(ClientConnectorError) as refused:
            await client.get(f"http://both.example:{servers.port}/")
    assert refused_because(refused.value)
    assert servers.asked == []


async def test_an_address_in_the_url_itself_is_looked_at(servers: Servers) -> None:
    connector = guarded_connector(lambda address: address == "127.0.0.2", limit=2)
    async with ClientSession(connector=connector) as client:
        async with client.get(f"http://127.0.0.2:{servers.port}/") as response:
            assert response.status == 200
        with pytest.raises(ClientConnectorError) as refused:
            await client.get(f"http://127.0.0.1:{servers.port}/")
    assert refused_because(refused.value)
    assert servers.asked == ["127.0.0.2"]
