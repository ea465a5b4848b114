"""`python -m tests.capture.scalable [CALL ...]`: keep whole streams with layers that Chromium sends.

Each becomes one file of tests/unit/signaling/sfu/captured: the packets of the media SSRC, in the clear and in order,
each behind its length (RFC 4571).  A keyframe is asked for in the middle, as for a viewer who goes up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import tempfile
from pathlib import Path

from tests.soak.srtp import header_bytes
from tests.support.chromium import open_chromium
from tests.support.test_card import write_test_card

from . import answer
from .__main__ import TESTS, Ask, serve
from .peer import CapturingPeer

STREAMS = TESTS / "unit" / "signaling" / "sfu" / "captured"
WIDTH, HEIGHT, FRAMES_PER_S = 960, 540, 10
SECONDS = 5.0
ASK_AGAIN_S = 3.0
BPS_OF_LAYERS = {"L1": 300_000, "L2": 600_000, "L3": 1_000_000}  # Chromium leaves out layers that it takes for too poor
CALLS = {
    "av1_l1t3": ("video/AV1", "L1T3"),
    "av1_l2t2": ("video/AV1", "L2T2"),
    "av1_l3t3_key": ("video/AV1", "L3T3_KEY"),
    "vp9_l1t3": ("video/VP9", "L1T3"),
    "vp9_l3t3": ("video/VP9", "L3T3"),
    "vp9_l3t3_key": ("video/VP9", "L3T3_KEY"),
    "h264_l1t3": ("video/H264", "L1T3"),
}


class Stream:
    """The first SSRC that carries video with a payload."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.ssrc = 0

    def keep(self, kind: str, packet: bytes, offer: answer.Offer | None) -> None:
        if kind != "rtp" or offer is None or offer.kinds.get(packet[1] & 0x7F) != "video":
            return
        padding = packet[-1] if packet[0] & 0x20 else 0
        if offer.payload_types[packet[1] & 0x7F] == "rtx" or len(packet) - header_bytes(packet) <= padding:
            return
        ssrc = int.from_bytes(packet[8:12], "big")
        self.ssrc = self.ssrc or ssrc
        if ssrc == self.ssrc:
            self.packets.append(packet)


async def _call(ask: Ask, name: str, codec: str, mode: str) -> None:
    stream = Stream()
    offers: list[answer.Offer] = []
    peer = CapturingPeer("127.0.0.1", lambda kind, packet: stream.keep(kind, packet, offers[0] if offers else None))
    options = {"codec": codec, "rids": [], "data": False, "mode": mode, "bps": BPS_OF_LAYERS[mode[:2]]}
    options |= {"width": WIDTH, "height": HEIGHT, "rate": FRAMES_PER_S}
    try:
        offer = await ask(f"capture.offer({json.dumps(options)})")
        offers.append(answer.read(offer))
        peer.expect(offers[0])
        text = answer.write(offer, peer.host, (peer.ufrag, peer.password), peer.fingerprint, peer.ssrcs)
        await ask(f"capture.accept({answer.at_once(text)!r})")
        await asyncio.sleep(ASK_AGAIN_S)
        peer.ask_for_keyframe(stream.ssrc)
        await asyncio.sleep(SECONDS - ASK_AGAIN_S)
        sent = await ask("capture.sent()")
        await ask("capture.close()")
    finally:
        peer.close()
    STREAMS.mkdir(parents=True, exist_ok=True)
    (STREAMS / f"{name}.rtp").write_bytes(b"".join(struct.pack("!H", len(p)) + p for p in stream.packets))
    print(name, len(stream.packets), "packets", sum(map(len, stream.packets)), "bytes", sent, flush=True)


async def capture(calls: list[str]) -> None:
    script = Path(__file__).with_name("page.js").read_text()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "index.html").write_text(f"<!doctype html><script>{script}</script>")
        card = write_test_card(
            folder / "large.y4m", width=WIDTH, height=HEIGHT, frames_per_s=FRAMES_PER_S, frames=2 * FRAMES_PER_S
        )
        flags = [f"--use-file-for-fake-video-capture={card}"]
        async with serve(folder) as url, open_chromium(folder, flags=flags) as chromium:
            page = await chromium.new_page()
            await page.goto(url)
            for call in calls:
                await _call(page.evaluate, call, *CALLS[call])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", nargs="*", choices=[[], *CALLS], metavar="CALL", help="all, unless told")
    asyncio.run(capture(parser.parse_args().calls or list(CALLS)))


if __name__ == "__main__":
    main()
