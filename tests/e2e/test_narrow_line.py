"""A subscriber's line becomes narrow and wide again under a call; the bench of bad networks in its shortest form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench_network import calls
from tests.bench_network.hosts import network
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
