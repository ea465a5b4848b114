"""`python -m tests.capture.seeds`: seeds of native fuzzers out of the streams with layers (tests/capture/scalable.py).

For fuzz_dependency.c their descriptors with some choices in between, for fuzz_worker.c their packets, cut short.
"""

from __future__ import annotations

import random
import struct
from pathlib import Path

from tests.soak.srtp import header_bytes
from tests.unit.signaling.sfu.captured_stream import DEPENDENCY_ID, load
from tests.unit.signaling.sfu.media_peer import Packet

from .scalable import CALLS

CORPUS = Path(__file__).parents[1] / "native" / "corpus"
PACKETS = 40
BODY_BYTES = 24
CHOICES_EVERY = 6
WORKER_CODEC = {"h264": 1, "vp9": 2, "av1": 3}  # first byte of an input of fuzz_worker.c, modulo 4
WORKER_ID = 4  # of the descriptor there
WORKER_BYTES = 1_600


def elements(packets: list[bytes], draw: random.Random) -> bytes:
    made = b""
    for number, packet in enumerate(packets[:PACKETS]):
        element = Packet.decode(packet).extensions[DEPENDENCY_ID]
        control = 0x40 | draw.randrange(64) if number % CHOICES_EVERY == 0 else 0
        made += bytes([control, len(element)]) + element
    return made


def records(name: str, packets: list[bytes], draw: random.Random) -> bytes:
    made = bytes([WORKER_CODEC[name.partition("_")[0]]])
    for number, packet in enumerate(packets):
        element, body = Packet.decode(packet).extensions[DEPENDENCY_ID], packet[header_bytes(packet) :][:BODY_BYTES]
        block = bytes([WORKER_ID, len(element)]) + element
        block += bytes(-len(block) % 4)
        header = bytes([0x90, packet[1] & 0x80 | 96]) + packet[2:12] + struct.pack("!HH", 0x1000, len(block) // 4)
        record = header + block + body
        choice = bytes([6, draw.randrange(64) << 2, 0, 0]) if number % CHOICES_EVERY == CHOICES_EVERY - 1 else b""
        if len(made) + 4 + len(record) + len(choice) > WORKER_BYTES:
            break
        made += bytes([0, 0]) + struct.pack("!H", len(record)) + record + choice
    return made


def main() -> None:
    for name in CALLS:
        packets, draw = list(load(name)), random.Random(name)
        for fuzzer, seed in (("dependency", elements(packets, draw)), ("worker", records(name, packets, draw))):
            (CORPUS / fuzzer).mkdir(parents=True, exist_ok=True)
            (CORPUS / fuzzer / f"chromium_{name}").write_bytes(seed)


if __name__ == "__main__":
    main()
