from __future__ import annotations

from signaling import testcard
from signaling.testcard import TestCard, Tone


def luma(count: int) -> bytes:
    return bytes(testcard.draw(320, 180, count).planes[0])


def test_the_card_moves_and_shows_its_bars() -> None:
    assert luma(0) != luma(1)
    assert {180, 162, 131, 112} <= set(luma(0))
    assert 235 in luma(3)  # the square


async def test_the_tone_is_loud_then_silent() -> None:
    tone = Tone()
    tone._count = 10
    assert max(memoryview(bytes((await tone.recv()).planes[0])).cast("h")) > testcard.AMPLITUDE * 0.9
    tone._count = testcard.TONE_CYCLE_FRAMES // 2
    frame = await tone.recv()
    assert not any(bytes(frame.planes[0]))
    assert (frame.samples, frame.sample_rate, frame.pts) == (960, 48_000, 50 * 960)


async def test_pictures_come_at_their_pace() -> None:
    card = TestCard(128, 96, frames_per_s=90)
    stamps = [(await card.recv()).pts for _ in range(3)]
    assert stamps == [0, 1_000, 2_000]
