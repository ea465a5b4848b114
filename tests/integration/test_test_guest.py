"""`tongxin guest` against a whole server: it joins by the link, is decoded by a WHEP player, and leaves again."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from rooms.core.codes import Code
from signaling.testguest import GuestRefused, TestGuest
from tests.support.rtc_client import PATIENCE_S, StreamClient
from tests.support.server import Tongxin


async def test_a_test_guest_is_seen_heard_and_gone(server: Tongxin) -> None:
    publishing = asyncio.Event()
    states: list[str] = []

    def moved(state: str) -> None:
        states.append(state)
        if state == "publishing":
            publishing.set()

    guest = TestGuest(server.url, server.room_code, "Test guest", on_state=moved)
    staying = asyncio.create_task(guest.run())
    await asyncio.wait_for(publishing.wait(), PATIENCE_S)
    assert states == ["joined", "publishing"]

    token = await asyncio.to_thread(server.command, "admin", "token", "--room", server.room_code, "--subscribe")
    headers = {"Authorization": f"Bearer {token.split()[-1]}", "Content-Type": "application/sdp"}
    async with aiohttp.ClientSession(server.url, headers=headers) as http, StreamClient() as player:
        async with http.post(f"/whep/{server.room_code}", data=await player.offer_to_view()) as reply:
            assert reply.status == 201
            location = reply.headers["Location"]
            await player.accept(await reply.text())
        await player.received.decodes(pictures=30, sounds=30)
        assert player.received.sizes == {(640, 360)}
        async with http.get(f"/api/rooms/{server.room_code}") as card:
            assert (await card.json())["people"] == ["Test guest"]
        async with http.delete(location) as reply:
            assert reply.status == 200

        staying.cancel()
        await asyncio.wait([staying])
        async with http.get(f"/api/rooms/{server.room_code}") as card:
            assert (await card.json())["people"] == []


async def test_a_test_guest_says_why_it_cannot_come(server: Tongxin) -> None:
    with pytest.raises(GuestRefused) as refused:
        await TestGuest(server.url, "zzz-zzzz-zzz", "Lost").run()
    assert refused.value.code == Code.ROOM_NOT_FOUND
    with pytest.raises(GuestRefused) as refused:
        await TestGuest(server.url, server.room_code, "Stranger", token="made-up").run()
    assert refused.value.code == Code.UNAUTHENTICATED
