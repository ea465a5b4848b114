"""Imports over the API: upload, look at the fate of each row, apply, and people come in by the link in their mail."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default

from collab.imports.sheet import LINES_MAX
from collab.imports.values import AT_ONCE_MAX_BYTES, FILE_MAX_BYTES
from tests.support.api import PASSWORD, Browser, Json, Park, eventually

PEOPLE = "邮箱,姓名,单位,角色\nmei@works.example,王芳,光谷激光,专员\nzhou@works.example,周, 没有的单位 ,\nnobody,,,\n"


async def upload(by: Browser, key: str, kind: str, content: bytes, name: str = "table.csv") -> Json:
    answer = await by.send("PUT", f"/api/imports/{key}?kind={kind}&file_name={name}", raw=content)
    assert answer.status == 200, answer
    return answer.json


async def applied(by: Browser, key: str, **options: object) -> Json:
    assert (await by.post(f"/api/imports/{key}/apply", options)).status == 200

    async def done() -> bool:
        return bool((await by.get(f"/api/imports/{key}")).json["state"] == "done")

    await eventually(done, within_s=30)
    return (await by.get(f"/api/imports/{key}")).json


async def test_a_table_is_tried_then_done_and_people_come_in(park: Park, admin: Browser) -> None:
    dry = await upload(admin, "organizations-1", "organizations", "名称,类型\n光谷激光,企业\n".encode("gb18030"))
    assert (dry["state"], dry["counts"]["created"]) == ("planned", 1)
    assert len((await admin.get("/api/organizations")).json["organizations"]) == 1
    assert (await applied(admin, "organizations-1"))["counts"]["created"] == 1

    dry = await upload(admin, "people-0001", "people", PEOPLE.encode(), "..%2F..%2Fetc%0A%E2%80%AEpasswd.csv")
    assert dry["file_name"] == "../../etc passwd.csv"  # a name to show, and no path
    assert dry["counts"] == {"created": 1, "changed": 0, "unchanged": 0, "refused": 2}
    rows = (await admin.get("/api/imports/people-0001/rows?fate=refused")).json["rows"]
    assert [(row["number"], row["reason"], row["column"]) for row in rows] == [
        (3, "unknown_organization", "organization"),
        (4, "invalid", "email"),
    ]
    done = await applied(admin, "people-0001", invite=True)
    assert (done["done"], done["total"], done["invite"]) == (3, 3, True)
    assert (await park.browser().sign_in("mei@works.example", "")).status in (401, 422)  # no password yet

    mails = park.data_folder / "outbox"

    async def mailed() -> bool:
        return any(mails.glob("*.eml"))

    await eventually(mailed, within_s=30)
    (letter,) = mails.glob("*.eml")
    part = message_from_bytes(letter.read_bytes(), policy=default).get_body(("plain",))
    assert part is not None
    token = re.search(r"/reset\?token=(\S+)", part.get_content())
    assert token is not None
    mei = park.browser()
    assert (await mei.post("/api/password-reset", {"token": token[1], "password": PASSWORD})).status == 200
    (membership,) = (await mei.me())["memberships"]
    assert (membership["organization"]["name"], membership["roles"]) == ("光谷激光", ["officer"])

    again = await upload(admin, "people-0002", "people", PEOPLE.encode())
    assert again["counts"] == {"created": 0, "changed": 0, "unchanged": 1, "refused": 2}
    lines = (await admin.get("/api/audit?action=import_applied")).json["events"]
    assert [line["details"]["of"] for line in lines] == ["people", "organizations"]


async def test_hostile_uploads_are_refused_and_leave_nothing(admin: Browser) -> None:
    path = "/api/imports/hostile-1?kind=organizations"
    assert (await admin.send("PUT", path, raw=b"PK\x03\x04 no archive")).code == "bad_file"
    assert (await admin.send("PUT", path, raw=b"x" * (FILE_MAX_BYTES + 1))).code == "too_large"
    assert (await admin.send("PUT", path, raw=b"name,kind\n" + b"\n" * (LINES_MAX + 1))).code == "too_many"
    missing = await admin.send("PUT", path, raw=b"colour\nred\n")
    assert (missing.code, missing.json["fields"]) == ("invalid", {"name": "required", "kind": "required"})
    assert (await admin.get("/api/imports/hostile-1")).code == "not_found"
    assert (await admin.send("PUT", "/api/imports/hostile-1?kind=passwords", raw=b"x")).code == "invalid"


async def test_the_same_key_is_the_same_import_and_another_administrators_is_not_seen(
    park: Park, admin: Browser
) -> None:
    table = b"name,kind\nWorks,enterprise\n"
    first = await upload(admin, "twice-0001", "organizations", table)
    assert await upload(admin, "twice-0001", "people", b"anything") == first
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    second = await park.member(admin, park_id, "Second", "administrator")
    for method, path in (("GET", ""), ("GET", "/rows"), ("POST", "/apply")):
        body: Json | None = {} if method == "POST" else None
        assert (await second.send(method, f"/api/imports/twice-0001{path}", body)).code == "not_found"
    assert (await upload(second, "twice-0001", "organizations", table))["counts"]["created"] == 1


async def test_a_large_table_is_read_by_a_job_with_progress(park: Park, admin: Browser) -> None:
    rows = 4_000
    wide = "x" * 260
    table = "name,kind,remark\n" + "".join(f"Works {number},enterprise,{wide}\n" for number in range(rows))
    assert len(table) > AT_ONCE_MAX_BYTES
    path = "/api/imports/large-0001"
    begun = await upload(admin, "large-0001", "organizations", table.encode())
    assert begun["state"] in ("reading", "planned")
    totals: list[int] = []

    async def read() -> bool:
        now = (await admin.get(path)).json
        totals.append(now["total"])
        return bool(now["state"] != "reading")

    await eventually(read, within_s=120)
    planned = (await admin.get(path)).json
    assert (planned["state"], planned["counts"]["created"], planned["ignored"]) == ("planned", rows, ["remark"])
    assert totals == sorted(totals)
    assert not [one for one in (park.data_folder / "files" / "aside").rglob("*") if one.is_file()]


async def test_a_large_file_that_is_no_table_says_why(admin: Browser) -> None:
    faults = {
        "large-0002": (b"colour\n" + b"red\n" * 300_000, "missing_columns"),
        "large-0003": (b'name,kind\n"' + b"x" * 1_200_000, "bad_file"),
    }
    for key, (content, fault) in faults.items():
        await upload(admin, key, "organizations", content)

        async def read(path: str = f"/api/imports/{key}") -> bool:
            return bool((await admin.get(path)).json["state"] == "unreadable")

        await eventually(read, within_s=120)
        seen = (await admin.get(f"/api/imports/{key}")).json
        assert (seen["fault"], seen["total"]) == (fault, 0)
        assert seen["missing"] == (["name", "kind"] if fault == "missing_columns" else [])
        assert (await admin.post(f"/api/imports/{key}/apply", {})).code == "wrong_state"
