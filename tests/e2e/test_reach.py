"""People whose networks let no UDP out, or know no IPv4: media reaches them without a relay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support import namespaces
from tests.support.attendee import Attendee, open_attendee
from tests.support.chromium import open_chromium
from tests.support.server import Tongxin
from tests.support.ways import takes

REASON = namespaces.available()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.network_namespaces,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(REASON), reason=REASON),
]

HTTP_PORT = 8443


def serve(folder: Path, host: namespaces.Host, environment: Mapping[str, str]) -> Tongxin:
    return Tongxin(
        folder,
        address=host.address,
        http_port=HTTP_PORT,
        arguments=("--self-signed",),
        command=host.command,
        environment=environment,
    )


async def see_and_hear_each_other(*people: Attendee) -> None:
    for person in people:
        await person.receives("video", len(people) - 1, frames=5)
        await person.receives("audio", len(people) - 1, sound=True)


@pytest.mark.parametrize("media_port", [0, HTTP_PORT], ids=["a port of its own", "the web server's port"])
async def test_a_meeting_works_where_no_udp_gets_through(tmp_path: Path, media_port: int) -> None:
    # given a firewall that lets in the web server's port and the media port's TCP, which may be one number
    with (
        namespaces.pair(56) as (near, far),
        serve(tmp_path / "server", near, {"TONGXIN_MEDIA_PORT": str(media_port)}) as server,
    ):
        namespaces.shut(near, f"tcp {HTTP_PORT}", f"tcp {server.media_port}")
        async with (
            open_chromium(tmp_path / "a", command=near.command) as near_browser,
            open_chromium(tmp_path / "b", command=far.command) as far_browser,
        ):
            free, shut_in = await open_attendee(near_browser, "Free"), await open_attendee(far_browser, "Shut in")
            # when a person behind it meets one who is not
            await free.join(server.meeting_link)
            await shut_in.join(server.meeting_link)
            # then both see and hear each other, the one by TCP both ways, the other by UDP
            await see_and_hear_each_other(free, shut_in)
            for side in ("pub", "sub"):
                await takes(shut_in, side, "direct tcp")
                await takes(free, side, "direct udp")
            for person in (free, shut_in):
                assert person.faults == []
                await person.close()


async def test_a_call_goes_on_by_tcp_when_udp_is_cut(tmp_path: Path) -> None:
    with (
        namespaces.pair(57) as (near, far),
        serve(tmp_path / "server", near, {}) as server,
    ):
        async with (
            open_chromium(tmp_path / "a", command=near.command) as near_browser,
            open_chromium(tmp_path / "b", command=far.command) as far_browser,
        ):
            # given two people in a call by UDP
            steady, cut = await open_attendee(near_browser, "Steady"), await open_attendee(far_browser, "Cut")
            await steady.join(server.meeting_link)
            await cut.join(server.meeting_link)
            await see_and_hear_each_other(steady, cut)
            await takes(cut, "sub", "direct udp")
            seat = await cut.participant_id()
            # when the one's network lets no UDP out any more
            namespaces.cut_udp(near)
            # then the call goes on by TCP in the same seat
            for side in ("pub", "sub"):
                await takes(cut, side, "direct tcp")
            await see_and_hear_each_other(steady, cut)
            assert await cut.participant_id() == seat
            for person in (steady, cut):
                await person.close()


async def test_who_has_ipv6_only_is_reached(tmp_path: Path) -> None:
    with (
        namespaces.pair(58, namespaces.NETWORK_V6) as (near, far),
        serve(
            tmp_path / "server",
            near,
            {"TONGXIN_HTTP_HOST": "::", "TONGXIN_MEDIA_ADDRESS": "::", "TONGXIN_PUBLIC_ADDRESS": ""},
        ) as server,
    ):
        link = f"{server.url}/m/{server.room_code}"
        async with (
            open_chromium(tmp_path / "a", command=far.command) as one_browser,
            open_chromium(tmp_path / "b", command=far.command) as other_browser,
        ):
            one, other = await open_attendee(one_browser, "One"), await open_attendee(other_browser, "Other")
            await one.join(link)
            await other.join(link)
            await see_and_hear_each_other(one, other)
            for person in (one, other):
                await takes(person, "sub", "direct udp")
                assert person.faults == []
                await person.close()
