"""A subscriber's line becomes narrow and wide again under a call; the bench of bad networks in its shortest form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench_network import calls
from tests.bench_network.hosts import network
from tests.bench_network.line import Weather
from tests.bench_network.material import WIDTH
from tests.bench_network.measure import figures, record, widest
from tests.bench_network.scenarios import NARROW, WIDE, apply
from tests.support import namespaces
from tests.support.waiting import until_true

REASON = namespaces.available()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.network_namespaces,
    pytest.mark.long,  # it measures: on processors that other work takes away the line is not what stalls the picture
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(REASON), reason=REASON),
]

# Twice the goals of the bench: browsers, server and line share what processors there are. The round trip is left to
# the bench: the queue that fills before the drop can be felt takes a second or two to empty.
MOVES_AGAIN_S = 6.0
BACK_S = 30.0
NARROW_S = 12.0
# Sound and what goes with it take about 50 kbit/s: no picture fits beside it.
SOUND_ALONE = Weather(delay_ms=20, limit_bps=80_000)
TOLD_WITHIN_S = 20.0
EMPTIES_S = 3.0  # the queue that filled before the drop could be felt
SOUND_S = 8.0


async def test_a_picture_goes_on_over_a_line_that_becomes_narrow_and_comes_back_whole(tmp_path: Path) -> None:
    with network(seed=1) as hosts:
        async with calls.tongxin(hosts, tmp_path) as call:

            async def whole() -> bool:
                return widest((await record(call, 0.6)).subscriber) >= WIDTH

            # given a call whose picture comes whole
            apply(hosts.subscribing, WIDE)
            await until_true(whole, BACK_S)

            # when its line carries a seventh
            apply(hosts.subscribing, NARROW)
            narrow = figures((await record(call, NARROW_S)).subscriber, WIDTH)

            # then the picture moves again soon, and sound goes on
            assert narrow.longest_stall_s < MOVES_AGAIN_S
            assert narrow.concealed_share < 0.2

            # and it is whole again soon after the line is
            apply(hosts.subscribing, WIDE)
            await until_true(whole, BACK_S)


async def test_a_line_for_sound_alone_keeps_the_sound_gives_up_the_picture_and_says_so(tmp_path: Path) -> None:
    with network(seed=2) as hosts:
        async with calls.tongxin(hosts, tmp_path) as call:
            chip = call.subscriber.get_by_test_id("video-chip")

            async def sound_alone() -> bool:
                return await chip.count() > 0 and await chip.get_attribute("data-state") == "audio_only"

            async def no_chip() -> bool:
                return await chip.count() == 0

            # given a call with pictures
            apply(hosts.subscribing, WIDE)
            assert figures((await record(call, 2.0)).subscriber, WIDTH).frames_per_s > 1

            # when the line carries no more than sound
            apply(hosts.subscribing, SOUND_ALONE)

            # then the page says that there is no picture, and sound goes on without gaps
            await until_true(sound_alone, TOLD_WITHIN_S)
            await record(call, EMPTIES_S)
            recorded = await record(call, SOUND_S)
            sound = figures(recorded.subscriber, WIDTH)
            assert sound.frames_per_s < 1
            assert sound.concealed_share < 0.05
            # nobody else loses anything
            assert figures(recorded.steady, WIDTH).frames_per_s > 5

            # and the picture comes back with the line, by itself
            apply(hosts.subscribing, WIDE)
            await until_true(no_chip, BACK_S)
            assert figures((await record(call, 2.0)).subscriber, WIDTH).frames_per_s > 1
