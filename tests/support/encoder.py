"""An encoder that sends to a livestream's stage with a key of its own, by WHIP."""

from __future__ import annotations

from tests.support.api import Browser, Json, Socket, eventually
from tests.support.livestream import livestream, watch
from tests.support.rtc_client import PATIENCE_S, StreamClient


async def alone_on_stage(host: Browser, encoder: StreamClient) -> tuple[Json, Socket, str]:
    """What `encoder` publishes fills the stage of a new livestream that is live, and viewers are told where.

    The livestream, the host's socket in its room, and whom the encoder is there.
    """
    show = await livestream(host)
    key = (await host.post(f"/api/livestreams/{show['id']}/stream-keys", {"name": "Van"})).json
    headers = {"Authorization": f"Bearer {key['secret']}", "Content-Type": "application/sdp"}
    path = key["addresses"]["whip"].removeprefix(host.base_url)
    answer = await host.ask("POST", path, raw=(await encoder.offer()).encode(), headers=headers)
    assert answer.status == 201, answer
    await encoder.accept(answer.body.decode())
    await encoder.until_state("connected")

    socket = await host.join(show["room_code"])
    [van] = [one for one in socket.reply["room"]["participants"] if one != socket.reply["participant_id"]]
    await socket.ask("stage_bring", participant_id=van, on=True)
    await socket.ask("stage_layout", layout="solo")
    await socket.ask("stage_go_live")

    async def is_told() -> bool:
        return (await watch(host, show["id"]))["hls"] is not None

    await eventually(is_told, PATIENCE_S)
    return show, socket, van
