"""The audit log over the API: what people do leaves a line, and each administrator sees the lines that are theirs."""

from __future__ import annotations

from tests.support.api import Browser, Json, Park, open_park
from tests.support.desk import QUESTION, filed
from tests.support.recordings import recorded


async def lines(by: Browser, query: str = "") -> list[Json]:
    answer = await by.get(f"/api/audit?{query}")
    assert answer.status == 200, answer
    return list(answer.json["events"])


async def test_signing_in_and_failing_to_leave_lines_with_the_address(park: Park, admin: Browser) -> None:
    works = await park.organization(admin, "Laser Works")
    mei = await park.member(admin, works, "Mei")
    email = f"mei@{works}.example"
    assert (await park.browser().sign_in(email)).status == 200
    assert (await park.browser().sign_in(email, "wrong password")).code == "unauthenticated"
    assert (await park.browser().sign_in("nobody@x.example", "wrong password")).code == "unauthenticated"
    (signed_in,) = await lines(admin, "action=signed_in")
    assert (signed_in["actor_id"], signed_in["actor_name"]) == (mei.account_id, "Mei")
    assert (signed_in["address"], signed_in["way"], signed_in["organization_id"]) == ("127.0.0.1", "browser", works)
    unknown, wrong = await lines(admin, "action=sign_in_refused")
    assert (wrong["actor_id"], wrong["subject"]["id"]) == ("", mei.account_id)
    assert unknown["subject"] == {"kind": "", "id": "", "name": ""}  # what was typed may be a password
    assert unknown["details"] == {}


async def test_an_administrator_of_a_company_sees_what_concerns_it_and_nothing_else(park: Park, admin: Browser) -> None:
    works, rivals = [await park.organization(admin, name) for name in ("Laser Works", "Rivals")]
    boss = await park.member(admin, works, "Boss", "administrator")
    rival = await park.member(admin, rivals, "Rival", "administrator")
    staff = await park.member(admin, works, "Staff")
    for by, own in ((boss, works), (rival, rivals)):
        seen = await lines(by)
        assert {line["organization_id"] for line in seen} == {own}
        assert "organization_added" in {line["action"] for line in seen}
    assert (await rival.get(f"/api/audit?organization_id={works}")).code == "forbidden"
    assert await lines(rival, f"subject_id={staff.account_id}") == []
    assert (await staff.get("/api/audit")).code == "forbidden"
    assert (await park.browser().get("/api/audit")).code == "unauthenticated"
    assert {works, rivals} < {line["organization_id"] for line in await lines(admin)}


async def test_roles_invitations_and_looking_into_the_log_are_in_it(park: Park, admin: Browser) -> None:
    works = await park.organization(admin, "Laser Works")
    mei = await park.member(admin, works, "Mei")
    path = f"/api/organizations/{works}/members/{mei.account_id}"
    assert (await admin.send("PUT", path, {"roles": ["officer"]})).status == 204
    assert (await admin.send("PUT", path, {"roles": ["nonsense"]})).status == 422
    of_works = await lines(admin, f"organization_id={works}")
    assert [line["action"] for line in of_works] == [
        "roles_changed",
        "invitation_accepted",
        "member_invited",
        "organization_added",
    ]
    assert of_works[0]["details"] == {"former": "member", "roles": "officer"}
    assert of_works[0]["actor_id"] == admin.account_id
    page = (await admin.get(f"/api/audit?organization_id={works}&limit=3")).json
    assert page["more"]
    last = page["events"][-1]["id"]
    (first,) = await lines(admin, f"organization_id={works}&action=organization_added&before={last}")
    assert first["subject"]["name"] == "Laser Works"
    assert "audit_read" in {line["action"] for line in await lines(admin, "search=lin")}


async def test_decisions_exports_and_recordings_are_in_it(park: Park, admin: Browser) -> None:
    works = await park.organization(admin, "Laser Works")
    host = await park.member(admin, works, "Host")
    request = (await filed(host, "policy_question", QUESTION))["request"]
    for move in ({"action": "take"}, {"action": "answer", "note": "Yes, they may."}):
        answer = await admin.post(f"/api/requests/{request['id']}/moves", move)
        assert answer.status == 200, answer
    (decided,) = await lines(admin, f"subject_id={request['id']}")
    assert (decided["action"], decided["actor_name"], decided["subject"]["name"]) == (
        "request_decided",
        "Lin",
        request["number"],
    )
    assert decided["details"] == {"decision": "answer"}
    assert (await admin.get("/api/requests/export.csv?scope=desk")).status == 200
    assert len(await lines(admin, "action=requests_exported")) == 1

    film = await recorded(park, (await host.meeting())["id"])
    assert (await host.post(f"/api/recordings/{film}/share", {"hours": 1})).status == 201
    for _ in range(3):  # a player asks for many pieces
        assert (await host.get(f"/api/recordings/{film}/film")).status == 200
    assert (await host.get(f"/api/recordings/{film}/film?save=true")).status == 200
    assert (await host.send("DELETE", f"/api/recordings/{film}")).status == 204
    assert [line["action"] for line in await lines(admin, f"subject_id={film}")] == [
        "recording_trashed",
        "recording_saved",
        "recording_watched",
        "recording_shared",
    ]


async def test_the_address_is_the_one_that_trusted_proxies_saw(park: Park, redis_url: str, database_url: str) -> None:
    trusting = {"TONGXIN_TRUSTED_PROXIES": "127.0.0.1"}
    async with open_park(park.data_folder, database_url, redis_url, trusting) as behind:
        body = {"email": "nobody@x.example", "password": "wrong password"}
        await behind.browser().ask("POST", "/api/sign-in", body, headers={"X-Forwarded-For": "203.0.113.9"})
        admin = await behind.administrator()
        (refused,) = await lines(admin, "address=203.0.113.9")
        assert refused["action"] == "sign_in_refused"
