"""Stream keys of a livestream, and encoders that send with them by WHIP (the encoder is aiortc)."""

from __future__ import annotations

import asyncio

import pytest

from collab.clock import now_ms
from collab.ingest.repository import StreamKeyRepository
from collab.livestream.repository import LivestreamRepository
from rooms.core.model import Presence, RoomView
from tests.support.api import Answer, Browser, Json, Park
from tests.support.livestream import livestream
from tests.support.rtc_client import StreamClient
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(120)


async def made(host: Browser, livestream_id: str, name: str = "Camera van") -> Json:
    answer = await host.post(f"/api/livestreams/{livestream_id}/stream-keys", {"name": name})
    assert answer.status == 201, answer
    return answer.json


async def send(park: Park, key: Json, client: StreamClient, *, secret: str = "") -> Answer:
    """As OBS does: the address and the key, nothing else."""
    headers = {"Authorization": f"Bearer {secret or key['secret']}", "Content-Type": "application/sdp"}
    path = key["addresses"]["whip"].removeprefix(park.base_url)
    offer = (await client.offer_to_publish()).encode()
    return await park.browser().ask("POST", path, raw=offer, headers=headers)


async def sending(park: Park, key: Json, client: StreamClient) -> str:
    answer = await send(park, key, client)
    assert answer.status == 201, answer
    await client.accept(answer.body.decode())
    await client.until_state("connected")
    return answer.headers["Location"]


def stage_of(park: Park, livestream_id: str) -> RoomView:
    (view,) = (room.view for room in park.rooms.rooms if room.view.stage is not None)
    assert view.stage is not None
    assert view.stage.livestream_id == livestream_id
    return view


async def states(host: Browser, livestream_id: str) -> list[str]:
    return [one["state"] for one in (await host.get(f"/api/livestreams/{livestream_id}/stream-keys")).json["keys"]]


async def test_a_key_is_shown_once_and_opens_one_stage_to_one_encoder(park: Park, admin: Browser) -> None:
    show = await livestream(admin)
    key = await made(admin, show["id"])
    listed = await admin.get(f"/api/livestreams/{show['id']}/stream-keys")
    assert key["secret"] not in listed.body.decode()

    async with StreamClient() as encoder, StreamClient() as second, StreamClient() as stranger:
        # it appears behind the scenes, under its name
        location = await sending(park, key, encoder)
        view = stage_of(park, show["id"])
        (person,) = view.participants.values()
        assert (person.name, view.stage.on_stage if view.stage else None) == ("Camera van", ())
        assert await states(admin, show["id"]) == ["sending"]

        # the same key at the same time, a wrong one, and one for another stage
        assert (await send(park, key, second)).code == "conflict"
        assert (await send(park, key, stranger, secret="txk_" + "A" * 43)).code == "unauthenticated"
        other = await made(admin, (await livestream(admin))["id"])
        assert (await send(park, key, stranger, secret=other["secret"])).code == "room_not_found"

        # it ends in order: nobody waits for it
        headers = {"Authorization": f"Bearer {key['secret']}"}
        assert (await park.browser().ask("DELETE", location, headers=headers)).status == 200
        assert stage_of(park, show["id"]).participants == {}
        assert await states(admin, show["id"]) == ["idle"]


async def test_an_encoder_that_lost_its_line_comes_back_to_its_seat(park: Park, admin: Browser) -> None:
    show = await livestream(admin)
    key = await made(admin, show["id"])
    async with StreamClient() as encoder, StreamClient() as again:
        await sending(park, key, encoder)
        (before,) = stage_of(park, show["id"]).participants.values()
        await encoder.connection.close()
        await until(lambda: [p.presence for p in stage_of(park, show["id"]).participants.values()] == [Presence.AWAY])
        assert await states(admin, show["id"]) == ["awaited"]
        await sending(park, key, again)
        (after,) = stage_of(park, show["id"]).participants.values()
        assert (after.id, after.presence) == (before.id, Presence.HERE)
        assert [track.id for track in after.tracks] == [track.id for track in before.tracks]
        assert await states(admin, show["id"]) == ["sending"]


async def test_a_renewed_and_a_revoked_key_cut_off_who_sends(park: Park, admin: Browser) -> None:
    show = await livestream(admin)
    keys = f"/api/livestreams/{show['id']}/stream-keys"
    key = await made(admin, show["id"])
    async with StreamClient() as encoder, StreamClient() as second:
        await sending(park, key, encoder)
        renewed = (await admin.post(f"{keys}/{key['key']['id']}/renew")).json
        assert stage_of(park, show["id"]).participants == {}
        await encoder.until_state("closed", "failed")
        assert (await send(park, key, second)).code == "unauthenticated"
    async with StreamClient() as encoder, StreamClient() as second:
        await sending(park, renewed, encoder)
        assert (await admin.send("DELETE", f"{keys}/{key['key']['id']}")).status == 204
        assert stage_of(park, show["id"]).participants == {}
        assert (await send(park, renewed, second)).code == "unauthenticated"
    for _ in range(10):
        await made(admin, show["id"])
        await park.forget_rates()
    assert (await admin.post(keys, {"name": "One more"})).code == "too_many"
    actions = [one["action"] for one in (await admin.get("/api/audit")).json["events"]]
    assert {"stream_key_made", "stream_key_renewed", "stream_key_revoked"} <= set(actions)


async def test_keys_that_want_a_port_at_the_same_moment_get_different_ones(park: Park, admin: Browser) -> None:
    show = await livestream(admin)
    keys = StreamKeyRepository(park.database, LivestreamRepository(park.database))
    added = [await keys.add(show["id"], "Show", f"Van {number}", f"{number:064x}", now_ms()) for number in range(4)]
    ports = range(10_080, 10_084)
    # none has one yet: there is no row with a port that could be locked
    given = await asyncio.gather(*(keys.use_srt(key, ports, "sealed") for key in added if key is not None))
    assert sorted(given) == list(ports)
    late = await keys.add(show["id"], "Show", "Late", f"{9:064x}", now_ms())
    assert late is not None
    assert await keys.use_srt(late, ports, "sealed") == 0
    assert (await keys.revoke(show["id"], "Show", added[1].id, now_ms())) if added[1] else None
    assert await keys.use_srt(late, ports, "sealed") == given[1]
