"""Playlists of a live stream: what they say, and how viewers wait for what comes next."""

from __future__ import annotations

import asyncio

import pytest

from signaling.egress import hls, wire
from signaling.egress.hls import Gone, LiveStream, NotThere, Playlist, TooFarAhead
from signaling.egress.segments import PART_MS

SIZE = wire.Rendition("720", 1_280, 720, 3_000_000)
LOW = wire.Rendition("360", 640, 360, 700_000)
PARTS = 5


def part(
    segment: int, number: int, *, init: str = "init-0.mp4", last: bool | None = None, size: str = "720"
) -> wire.PartWritten:
    shown_ms = 1_700_000_000_000 + (segment * PARTS + number) * PART_MS
    whole = number == PARTS - 1 if last is None else last
    return wire.PartWritten(size, init, segment, number, float(PART_MS), number == 0, shown_ms, 4, whole)


def playlist(segments: int, parts_of_next: int = 0, init: str = "init-0.mp4") -> Playlist:
    made = Playlist(SIZE)
    made.add_init("init-0.mp4", b"head")
    for segment in range(segments + 1):
        for number in range(PARTS if segment < segments else parts_of_next):
            made.add(part(segment, number, init=init), f"{segment}.{number} ".encode())
    return made


def lines(made: Playlist, *, low_latency: bool = True, skip: bool = False) -> list[str]:
    return made.render(low_latency=low_latency, skip=skip).decode().splitlines()


def test_the_edge_is_told_in_parts_and_the_rest_in_segments() -> None:
    told = lines(playlist(6, 2))
    assert told[:3] == ["#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-TARGETDURATION:2"]
    assert "#EXT-X-PART-INF:PART-TARGET=0.400" in told
    assert "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.200,CAN-SKIP-UNTIL=12.0" in told
    assert [line for line in told if line.endswith(".m4s")] == [f"{number}.m4s" for number in range(6)]
    assert '#EXT-X-PART:DURATION=0.40000,URI="6.1.m4s"' in told
    assert '#EXT-X-PART:DURATION=0.40000,URI="5.0.m4s",INDEPENDENT=YES' in told
    assert not any('URI="3.' in line for line in told)
    assert told[-1] == '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="6.2.m4s"'
    assert told.count('#EXT-X-MAP:URI="init-0.mp4"') == 1
    assert "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z" in told


def test_players_of_ordinary_hls_see_whole_segments_only() -> None:
    told = lines(playlist(2, 3), low_latency=False)
    assert [line for line in told if not line.startswith("#")] == ["0.m4s", "1.m4s"]
    assert not any("PART" in line for line in told)
    assert told[1] == "#EXT-X-VERSION:7"


def test_only_the_last_minute_is_kept() -> None:
    made = playlist(hls.KEPT_SEGMENTS + 10)
    told = lines(made)
    assert "#EXT-X-MEDIA-SEQUENCE:10" in told
    with pytest.raises(NotThere):
        asyncio.run(made.media("9.m4s"))
    assert asyncio.run(made.media("10.m4s")) == b"10.0 10.1 10.2 10.3 10.4 "


def test_a_delta_leaves_out_what_is_known() -> None:
    told = lines(playlist(20), skip=True)
    assert "#EXT-X-SKIP:SKIPPED-SEGMENTS=12" in told
    assert [line for line in told if not line.startswith("#")] == [f"{number}.m4s" for number in range(12, 20)]
    assert not any(line.startswith("#EXT-X-MAP") for line in told)


def test_another_encoder_is_a_discontinuity() -> None:
    made = playlist(1, 2)
    made.add_init("init-3.mp4", b"other")
    made.add(part(3, 0, init="init-3.mp4"), b"x")
    told = lines(made)
    at = told.index("#EXT-X-DISCONTINUITY")
    assert told[at + 1] == '#EXT-X-MAP:URI="init-3.mp4"'
    assert told[at - 1] == "1.m4s"  # what the first one has left is a short segment
    assert made.init("init-3.mp4") == b"other"
    for number in range(3, 3 + hls.KEPT_SEGMENTS + 1):
        for index in range(PARTS):
            if (number, index) != (3, 0):
                made.add(part(number, index, init="init-3.mp4"), b"x")
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1" in lines(made)
    assert "#EXT-X-DISCONTINUITY" not in lines(made)


def test_a_later_life_of_the_server_goes_on_with_a_discontinuity() -> None:
    made = Playlist(SIZE)
    made.goes_on(2)
    for index in range(PARTS):
        made.add(part(9, index, init="init-9.mp4"), b"x")
    told = lines(made)
    assert "#EXT-X-MEDIA-SEQUENCE:9" in told
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1" in told
    at = told.index("#EXT-X-DISCONTINUITY")
    assert told[at + 1] == '#EXT-X-MAP:URI="init-9.mp4"'


def test_sizes_tell_of_each_other_and_the_master_of_both() -> None:
    stream = LiveStream((SIZE, LOW))
    for size in ("720", "360"):
        stream.add(part(0, 0, size=size), b"....avcC\x01\x64\x00\x1f", b"x")
    assert lines(stream.playlists["720"])[-1] == '#EXT-X-RENDITION-REPORT:URI="../360/live.m3u8",LAST-MSN=0,LAST-PART=0'
    master = stream.master(low_latency=True).decode().splitlines()
    assert master[3] == (
        '#EXT-X-STREAM-INF:BANDWIDTH=3440800,RESOLUTION=1280x720,FRAME-RATE=25.000,CODECS="avc1.64001f,mp4a.40.2"'
    )
    assert [line for line in master if not line.startswith("#")] == ["720/live.m3u8", "360/live.m3u8"]


def test_the_master_tells_of_a_source_that_is_passed_on_with_more() -> None:
    stream = LiveStream((LOW,))
    for number in range(PARTS):
        told = part(0, number, size="360")
        stream.add(told, b"", bytes(100_000))
    [line] = [one for one in stream.master(low_latency=True).decode().splitlines() if one.startswith("#EXT-X-STREAM")]
    assert "BANDWIDTH=2000000," in line


def test_chapters_are_dates_without_anything_that_breaks_a_line() -> None:
    stream = LiveStream((SIZE,))
    stream.add(part(0, 0), b"", b"x")
    stream.chapter('Second "pitch"\n#EXT-X-ENDLIST', 1_700_000_000_400)
    told = lines(stream.playlists["720"])
    [line] = [line for line in told if line.startswith("#EXT-X-DATERANGE")]
    assert 'X-TITLE="Second ”pitch”#EXT-X-ENDLIST"' in line
    assert "#EXT-X-ENDLIST" not in told


async def test_all_who_wait_hear_of_the_next_part_at_once() -> None:
    made = playlist(1, 2)
    waiting = [asyncio.create_task(made.until(1, 2)) for _ in range(50)]
    hinted = asyncio.create_task(made.media("1.2.m4s"))
    whole = asyncio.create_task(made.until(1, None))
    await asyncio.sleep(0)
    assert not any(task.done() for task in (*waiting, hinted, whole))
    made.add(part(1, 2), b"new")
    await asyncio.gather(*waiting)
    assert await hinted == b"new"
    assert not whole.done()
    made.add(part(1, 3), b"")
    made.add(part(1, 4), b"")
    await whole
    await made.until(0, 3)  # long there


async def test_waiting_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hls, "WAIT_MAX_S", 0.01)
    made = playlist(1)
    with pytest.raises(TooFarAhead):
        await made.until(9, 0)
    with pytest.raises(Gone):
        await made.until(1, 0)
    made.end()
    await made.until(1, 0)
    assert lines(made)[-1] == "#EXT-X-ENDLIST"


@pytest.mark.parametrize(
    "name", ["99.m4s", "1.9.m4s", "0.m4s.exe", "../0.m4s", "-1.m4s", "1" * 20 + ".m4s", "init-9.mp4"]
)
async def test_what_is_not_there(name: str) -> None:
    made = playlist(1)
    with pytest.raises(NotThere):
        await made.media(name)
    with pytest.raises(NotThere):
        made.init(name)
