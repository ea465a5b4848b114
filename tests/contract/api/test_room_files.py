"""Files in the chat of a room: brought, shared, opened, taken back; by whom, and what is never taken."""

from __future__ import annotations

import pytest

from collab.clock import now_ms
from collab.files.store import Files, open_store
from collab.meetings.repository import MeetingRepository
from collab.room_files.repository import RoomFileRepository
from tests.support.api import Answer, Browser, Json, Park, Socket
from tests.support.assist import PDF, PNG
from tests.support.waiting import until_true

KEY = "key-of-plan"


class Scene:
    """A host and a guest in a room."""

    def __init__(self, host: Browser, guest: Browser, meeting: Json, by_host: Socket, by_guest: Socket) -> None:
        self.host, self.guest, self.meeting, self.by_host, self.by_guest = host, guest, meeting, by_host, by_guest

    async def bring(self, socket: Socket, content: bytes, key: str = KEY, name: str = "Plan.pdf") -> Answer:
        place = await socket.ask("bring_file", key=key, name=name, size_bytes=len(content))
        assert place["type"] == "file_path", place
        browser = self.host if socket is self.by_host else self.guest
        return await browser.send("PUT", place["path"], raw=content)

    async def share(self, socket: Socket, content: bytes, key: str = KEY, name: str = "Plan.pdf") -> Json:
        """The message."""
        assert (await self.bring(socket, content, key, name)).status == 204
        assert (await socket.ask("share_file", key=key, nonce=key))["type"] == "ok"
        other = self.by_guest if socket is self.by_host else self.by_host
        message: Json = (await other.until_event("chat_sent"))["message"]
        return message


@pytest.fixture
async def scene(park: Park, admin: Browser) -> Scene:
    meeting = await admin.meeting()
    guest = park.browser()
    token = (await guest.post(f"/api/rooms/{meeting['code']}/guests", {"name": "Guest"})).json["token"]
    return Scene(admin, guest, meeting, await admin.join(meeting["code"]), await guest.join(meeting["code"], token))


async def test_everyone_in_the_room_gets_what_a_guest_shares(park: Park, scene: Scene) -> None:
    message = await scene.share(scene.by_guest, PDF, name="../Plan\u202e.exe")
    assert message["text"] == "Plan.exe.pdf"
    assert message["file"] == {
        "key": KEY,
        "name": "Plan.exe.pdf",
        "size_bytes": len(PDF),
        "media_type": "application/pdf",
    }
    path = (await scene.by_host.ask("open_file", key=KEY))["path"]
    got = await scene.host.get(path)
    assert (got.status, got.body, got.headers["Content-Type"]) == (200, PDF, "application/pdf")
    assert "attachment" in got.headers["Content-Disposition"]
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert (await park.browser().get(path)).status == 200  # whoever holds the slip, for a minute

    picture = await scene.share(scene.by_host, PNG, "key-of-picture", "现场.png")
    assert picture["file"]["media_type"] == "image/png"
    path = (await scene.by_guest.ask("open_file", key="key-of-picture"))["path"]
    small = await scene.guest.get(path.replace("?", "/small?"))
    assert (small.status, small.headers["Content-Type"]) == (200, "image/jpeg")
    await scene.by_host.close()
    await scene.by_guest.close()


async def test_what_is_not_what_it_says_is_not_taken(scene: Scene) -> None:
    assert (await scene.bring(scene.by_guest, b"<script>alert(1)</script>", name="a.pdf")).code == "bad_file"
    assert (await scene.by_guest.ask("share_file", key=KEY, nonce="n"))["code"] == "not_found"
    place = await scene.by_guest.ask("bring_file", key=KEY, name="Plan.pdf", size_bytes=len(PDF))
    assert (await scene.guest.send("PUT", place["path"], raw=PDF)).status == 204
    assert (await scene.guest.send("PUT", place["path"], raw=PDF)).code == "link_expired"  # a place is for one file
    assert (await scene.by_host.ask("open_file", key=KEY))["code"] == "not_found"  # it is nobody's before it is shared
    assert (await scene.by_host.ask("share_file", key=KEY, nonce="n"))["code"] == "not_found"  # nor anybody else's
    assert (await scene.bring(scene.by_host, PDF)).code == "conflict"


async def test_a_deleted_message_takes_its_file_along(scene: Scene) -> None:
    message = await scene.share(scene.by_guest, PDF)
    path = (await scene.by_host.ask("open_file", key=KEY))["path"]
    assert (await scene.by_host.ask("delete_chat", message_id=message["id"]))["type"] == "ok"

    async def gone() -> bool:
        return (await scene.host.get(path)).code == "not_found"

    await until_true(gone)
    assert (await scene.by_host.ask("open_file", key=KEY))["code"] == "not_found"


async def test_who_is_removed_has_no_use_of_links_any_more(scene: Scene) -> None:
    await scene.share(scene.by_host, PDF)
    path = (await scene.by_guest.ask("open_file", key=KEY))["path"]
    place = (await scene.by_guest.ask("bring_file", key="key-of-guest", name="a.pdf", size_bytes=9))["path"]
    await scene.by_host.ask("remove", participant_id=scene.by_guest.reply["participant_id"])

    async def shut_out() -> bool:
        return (await scene.guest.get(path)).code == "removed"

    await until_true(shut_out)
    assert (await scene.guest.send("PUT", place, raw=PDF)).code == "removed"


async def test_the_hosts_word_holds_for_the_next_sitting(park: Park, scene: Scene) -> None:
    assert (await scene.by_host.ask("set_file_sharing", sharing="members"))["type"] == "ok"
    ask = {"key": KEY, "name": "Plan.pdf", "size_bytes": 9}
    assert (await scene.by_guest.ask("bring_file", **ask))["code"] == "forbidden"
    assert (await scene.by_host.ask("bring_file", **ask))["type"] == "file_path"

    async def kept() -> bool:
        meeting = await MeetingRepository(park.database).get(scene.meeting["id"])
        return meeting is not None and meeting.file_sharing == "members"

    await until_true(kept)


async def test_an_encrypted_room_takes_no_files(admin: Browser) -> None:
    meeting = await admin.meeting(encrypted=True)
    socket = await admin.join(meeting["code"])
    answer = await socket.ask("bring_file", key=KEY, name="Plan.pdf", size_bytes=9)
    assert answer["code"] == "encrypted"
    await socket.close()


async def test_files_go_with_time_and_what_nobody_shared_within_the_hour(park: Park, scene: Scene) -> None:
    await scene.share(scene.by_host, PDF)
    assert (await scene.bring(scene.by_guest, PNG, "key-of-picture")).status == 204
    kept, at = RoomFileRepository(park.database), now_ms()

    async def shared() -> bool:
        return await kept.get(scene.meeting["id"], KEY, shared=True) is not None

    await until_true(shared)
    assert await kept.purge(at - 3_600_000, 0) == 0
    assert await kept.purge(at + 60_000, 0) == 1  # brought before that, and not shared
    assert await kept.get(scene.meeting["id"], "key-of-picture", shared=False) is None
    older = await scene.by_host.ask("read_chat", before_id="z")
    assert older["messages"] == []
    assert await kept.purge(0, at + 60_000) == 1
    files = Files(open_store("", park.data_folder / "files"), park.database)
    assert await files.sweep(at + 60_000) == 2  # nobody refers to them any more
