from __future__ import annotations

import ipaddress

import pytest

from collab.edge.outward import is_public, public_or_within
from collab.restream.addresses import Platform, address_of, leads_inside, read_url
from signaling.restream.restream import Unfit


def platform_at(host: str) -> Platform:
    found = read_url(f"rtmp://{f'[{host}]' if ':' in host else host}/app")
    assert found is not None
    return found


def test_an_address_of_rtmp_is_read() -> None:
    assert read_url("rtmps://live.example.com/app/instance?token=1") == Platform(
        "live.example.com", 443, True, "app/instance?token=1", "rtmps://live.example.com:443/app/instance?token=1"
    )
    found = read_url("rtmp://[2001:db8::1]:1936/live/")
    assert found is not None
    assert (found.host, found.port, found.app, found.tc_url) == (
        "2001:db8::1",
        1_936,
        "live",
        "rtmp://[2001:db8::1]:1936/live",
    )


@pytest.mark.parametrize(
    "text",
    [
        "https://live.example.com/app",
        "rtmp://live.example.com",
        "rtmp:///app",
        "rtmp://user:secret@live.example.com/app",
        "rtmp://live.example.com:22/app",
        "rtmp://live.example.com:99999/app",
        "rtmp://live.example.com/app\r\nHost: x",
        "rtmp://live.example.com/app#x",
        "rtmp://例子.example/app",
        "rtmp://[::1/app",
        "",
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert read_url(text) is None


INSIDE = ("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1")


@pytest.mark.parametrize("address", [*INSIDE, "0.0.0.0", "224.0.0.1"])  # noqa: S104 -- must not be reached
def test_what_is_inside_is_reached_only_where_the_operator_allows_it(address: str) -> None:
    assert leads_inside(platform_at(address), is_public)
    assert leads_inside(platform_at(address), public_or_within([ipaddress.ip_network("198.51.100.0/24")]))
    own = "10.0.0.1" if address == "::ffff:10.0.0.1" else address  # it counts as what it is
    assert not leads_inside(platform_at(address), public_or_within([ipaddress.ip_network(own)]))


@pytest.mark.parametrize("host", ["1.2.3", "2130706433", "127.1", "999.1.1.1", "live.example.com"])
def test_what_only_looks_like_an_address_is_a_name_that_is_asked_about_later(host: str) -> None:
    assert not leads_inside(platform_at(host), is_public)


async def test_another_spelling_of_this_machine_is_refused_when_it_is_used() -> None:
    with pytest.raises(Unfit, match="address"):
        await address_of(platform_at("2130706433"), is_public)


async def test_a_name_that_leads_inside_is_refused_when_it_is_used() -> None:
    with pytest.raises(Unfit, match="address"):
        await address_of(platform_at("localhost"), is_public)
    allowed = public_or_within([ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")])
    assert await address_of(platform_at("localhost"), allowed) in ("127.0.0.1", "::1")
    with pytest.raises(Unfit, match="unreachable"):
        await address_of(platform_at("does-not-exist.invalid"), is_public)
