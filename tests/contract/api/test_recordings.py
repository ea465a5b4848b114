"""Recordings from the button to the film: made in a live room by a real process, finished, seen, shared."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.subtitles.subtitle import SubtitleSet

from collab.app import RECORDER
from signaling.testcard import TONE_HZ
from signaling.testguest import TestGuest
from tests.contract.test_recording import RATE, loudest_hz
from tests.support.api import Browser, Json, Park, Socket, eventually
from tests.support.recordings import FILM, recorded
from tests.support.rtc_client import PATIENCE_S


async def recording_state(socket: Socket, state: str) -> Json:
    while True:
        event = await socket.until_event("recording_changed")
        recording: Json = event["recording"]
        if recording["state"] == state:
            return recording


async def test_a_meeting_is_recorded_and_its_film_is_there_for_who_was_in_it(park: Park, admin: Browser) -> None:
    company = await park.organization(admin, "Laser Works")
    host, colleague = await park.member(admin, company, "Host"), await park.member(admin, company, "Colleague")
    meeting = await host.meeting("周会")
    socket = await host.join(meeting["code"])
    guest = asyncio.create_task(TestGuest(host.base_url, meeting["code"], "李工").run())
    await socket.until_event("tracks_changed")
    await socket.say({"type": "start_recording", "id": 900, "tracks": True})
    starting = await recording_state(socket, "starting")
    assert (starting["by"], starting["tracks"]) == (socket.reply["participant_id"], True)
    on = await recording_state(socket, "on")

    async def lasts(more_than_ms: int) -> bool:
        [listed] = (await host.get("/api/recordings")).json["recordings"]
        return bool(listed["state"] == "recording" and listed["film_ms"] > more_than_ms)

    await eventually(lambda: lasts(1_500), PATIENCE_S)
    assert (await host.send("DELETE", f"/api/recordings/{on['id']}")).code == "wrong_state"
    os.kill(park.app[RECORDER].process_ids[0], signal.SIGKILL)
    await eventually(lambda: lasts(3_000), PATIENCE_S)
    await socket.say({"type": "stop_recording", "id": 901})
    assert (await recording_state(socket, "off"))["end"] == "stopped"
    guest.cancel()
    await asyncio.wait([guest])

    async def ready() -> bool:
        return str((await host.get(f"/api/recordings/{on['id']}")).json["state"]) == "ready"

    await eventually(ready, PATIENCE_S)
    recording = (await host.get(f"/api/recordings/{on['id']}")).json
    assert recording["title"] == "周会"
    assert recording["may_change"]
    assert recording["film_ms"] > 3_000
    film = await host.get(recording["film_url"])
    assert len(film.body) == recording["size_bytes"]
    path = park.data_folder / "seen.mp4"
    await asyncio.to_thread(path.write_bytes, film.body)
    assert await asyncio.to_thread(last_picture_ms, path) == pytest.approx(recording["film_ms"], abs=300)

    # everybody's tracks by themselves, of each process a file at most
    tracks = (await host.get(f"{recording['film_url'].removesuffix('/film')}/tracks")).json["tracks"]
    assert {(track["name"], track["source"]) for track in tracks} == {("李工", "camera"), ("李工", "microphone")}
    for track in tracks:
        kept = await host.get(track["url"])
        assert len(kept.body) == track["size_bytes"]
        await asyncio.to_thread(path.write_bytes, kept.body)
        codec, length_ms = await asyncio.to_thread(codec_and_length, path)
        assert codec == track["codec"]
        assert length_ms == pytest.approx(track["length_ms"], abs=100)
        assert -500 <= track["begins_ms"] <= recording["film_ms"] - track["length_ms"] + 500
    assert {track["codec"] for track in tracks} == {"vp8", "opus"}

    # its sound by itself, made when somebody asks for it
    one = f"/api/recordings/{on['id']}"
    assert (await host.get(f"{one}/sound")).code == "wrong_state"
    asked = await host.post(f"{one}/sound", {})
    assert (asked.status, asked.json["sound_done"]) == (202, 0.0)

    async def has_sound() -> bool:
        return bool((await host.get(one)).json["sound_url"])

    await eventually(has_sound, PATIENCE_S)
    told = (await host.post(f"{one}/sound", {})).json  # again: it is there
    assert told["sound_done"] is None
    sound = await host.get(told["sound_url"])
    assert len(sound.body) == told["sound_bytes"]
    await asyncio.to_thread(path.write_bytes, sound.body)
    length_ms, pitch = await asyncio.to_thread(heard_in, path)
    assert length_ms == pytest.approx(recording["film_ms"], abs=100)
    assert pitch == pytest.approx(TONE_HZ, abs=5)
    assert not any(await asyncio.to_thread(lambda: list((park.data_folder / "recordings").iterdir())))

    await colleague.join(meeting["code"])
    await socket.close()

    assert (await colleague.get(tracks[0]["url"])).code == "not_found"
    assert (await colleague.get(f"/api/recordings/{on['id']}")).code == "not_found"  # not there while it was made


async def test_a_film_is_sent_in_ranges_and_by_a_link_until_it_is_taken_back(park: Park, admin: Browser) -> None:
    company = await park.organization(admin, "Laser Works")
    host, stranger = await park.member(admin, company, "Host"), park.browser()
    recording_id = await recorded(park, (await host.meeting())["id"])
    one = f"/api/recordings/{recording_id}"
    part = await host.ask("GET", f"{one}/film", headers={"Range": "bytes=256-511"})
    assert part.status == 206
    assert part.body == FILM[256:512]
    shared = (await host.post(f"{one}/share", {"hours": 2})).json
    token = shared["url"].partition("#")[2]
    seen = (await stranger.get(f"/api/shared-recording?token={token}")).json
    assert seen["film_ms"] == 60_000
    assert (await stranger.get(seen["film_url"])).body == FILM
    saved = await stranger.get(f"{seen['film_url']}&save=true")
    assert "attachment" in saved.headers["Content-Disposition"]

    await host.post(f"{one}/share", {"hours": 2})
    assert (await stranger.get(seen["film_url"])).code == "link_expired"  # a new link ends the old one
    token = (await host.post(f"{one}/share", {})).json["url"].partition("#")[2]
    assert (await host.send("DELETE", one)).status == 204
    assert (await stranger.get(f"/api/shared-recording?token={token}")).code == "link_expired"
    assert (await host.get("/api/recordings")).json["recordings"] == []
    assert [found["id"] for found in (await host.get("/api/recordings?trashed=true")).json["recordings"]] == [
        recording_id
    ]
    assert (await host.post(f"{one}/restore")).json["trashed_at_ms"] == 0
    assert (await stranger.get(f"/api/shared-recording?token={token}")).status == 200


async def test_lists_are_searched_paged_and_hold_nothing_of_others(park: Park, admin: Browser) -> None:
    company, other = await park.organization(admin, "Laser Works"), await park.organization(admin, "Robots")
    host, rival = await park.member(admin, company, "Host"), await park.member(admin, other, "Rival", "administrator")
    meeting_id = (await host.meeting("100 %_周会"))["id"]
    made = [await recorded(park, meeting_id) for _ in range(3)]
    await host.send("PATCH", f"/api/recordings/{made[1]}", {"title": "Pitch"})
    assert (await rival.get("/api/recordings")).json == {"recordings": [], "more": False}
    assert [one["id"] for one in (await host.get("/api/recordings")).json["recordings"]] == made[::-1]
    page = (await host.get("/api/recordings?limit=2")).json
    assert page["more"]
    rest = (await host.get(f"/api/recordings?limit=2&before={page['recordings'][-1]['id']}")).json
    assert [one["id"] for one in rest["recordings"]] == made[:1]
    assert len((await host.get("/api/recordings?search=pitch")).json["recordings"]) == 1
    assert len((await host.get("/api/recordings?search=%25_")).json["recordings"]) == 2


def heard_in(path: Path) -> tuple[float, float]:
    """(length in ms, the loudest pitch in Hz) of a file without pictures."""
    with av.open(str(path)) as file:
        assert not file.streams.video
        pieces = [np.asarray(frame.to_ndarray(), np.float32)[0] for frame in file.decode(audio=0)]
    sound = np.concatenate(pieces)
    return len(sound) * 1_000 / RATE, loudest_hz(sound)


def last_picture_ms(path: Path) -> float:
    """All of them can be decoded."""
    with av.open(str(path)) as film:
        return max(float(frame.time) * 1_000 for frame in film.decode(video=0))


def codec_and_length(path: Path) -> tuple[str, float]:
    """Of the one track in it, all of which is decoded: (codec, ms)."""
    with av.open(str(path)) as file:
        [stream] = file.streams
        frames = [frame for frame in file.decode(stream) if not isinstance(frame, SubtitleSet)]
        last = frames[-1]
        lasts_s = last.samples / last.sample_rate if isinstance(last, AudioFrame) else 0.0
        return stream.codec_context.codec.canonical_name, ((last.time or 0.0) + lasts_s) * 1_000
