"""Setting up, signing in and out, changing oneself, inviting: as a browser does it."""

from __future__ import annotations

from tests.support.api import PASSWORD, Browser, Park


async def test_the_printed_link_makes_the_first_administrator_once(park: Park) -> None:
    browser = park.browser()
    me = await browser.me()
    assert me["account"] is None
    assert me["setup_needed"] is True
    body = {"token": park.setup_token, "name": "Lin", "email": "Lin@Park.Example", "password": PASSWORD}
    made = await browser.post("/api/setup", {**body, "organization": "Optics Valley"})
    assert made.status == 200, made
    assert made.json["account"]["email"] == "lin@park.example"
    assert made.json["memberships"][0]["organization"]["kind"] == "park"
    assert made.json["features"]["administer_park"] is True
    assert made.json["setup_needed"] is False
    again = await park.browser().post("/api/setup", {**body, "organization": "Optics Valley"})
    assert again.code == "wrong_state"
    assert (await browser.get("/api/meetings")).json["meetings"][0]["code"] == park.ready_code


async def test_a_wrong_setup_link_makes_nobody(park: Park) -> None:
    body = {"token": "x" * 43, "name": "Lin", "email": "lin@park.example", "password": PASSWORD, "organization": "P"}
    assert (await park.browser().post("/api/setup", body)).code == "not_found"
    assert (await park.browser().me())["setup_needed"] is True


async def test_signing_in_and_out(park: Park, admin: Browser) -> None:
    browser = park.browser()
    assert (await browser.sign_in("lin@park.example", "wrong password")).code == "unauthenticated"
    signed_in = await browser.sign_in(" LIN@park.example ")
    assert signed_in.status == 200
    cookie = signed_in.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert (await browser.get("/api/meetings")).status == 200
    assert (await browser.post("/api/sign-out")).status == 204
    assert (await browser.get("/api/meetings")).code == "unauthenticated"
    assert (await admin.get("/api/meetings")).status == 200


async def test_signing_out_everywhere_ends_every_browser(park: Park, admin: Browser) -> None:
    other = park.browser()
    await other.sign_in("lin@park.example")
    assert (await admin.post("/api/sign-out-everywhere")).status == 204
    for browser in (admin, other):
        assert (await browser.get("/api/meetings")).code == "unauthenticated"


async def test_signing_in_again_replaces_the_browsers_former_sign_in(park: Park, admin: Browser) -> None:
    stolen = next(one.value for one in admin.session.cookie_jar if one.key == "tongxin_session")
    await admin.sign_in("lin@park.example")
    thief = await park.browser().ask("GET", "/api/meetings", headers={"Cookie": f"tongxin_session={stolen}"})
    assert thief.code == "unauthenticated"


async def test_a_new_password_ends_the_other_sign_ins_and_needs_the_old_one(park: Park, admin: Browser) -> None:
    other = park.browser()
    await other.sign_in("lin@park.example")
    change = {"new_password": "another long phrase"}
    for wrong in ({}, {"current_password": "not this one"}):
        refused = await admin.send("PATCH", "/api/me", {**change, **wrong})
        assert refused.json["fields"] == {"current_password": "wrong"}
    weak = await admin.send("PATCH", "/api/me", {"current_password": PASSWORD, "new_password": "short"})
    assert weak.json["fields"] == {"new_password": "too_short"}
    changed = await admin.send("PATCH", "/api/me", {**change, "current_password": PASSWORD})
    assert changed.status == 200, changed
    assert (await other.get("/api/meetings")).code == "unauthenticated"
    assert (await admin.get("/api/meetings")).status == 200
    assert (await park.browser().sign_in("lin@park.example")).code == "unauthenticated"
    assert (await park.browser().sign_in("lin@park.example", "another long phrase")).status == 200


async def test_a_name_is_cleaned_and_a_language_is_one_of_ours(admin: Browser) -> None:
    changed = await admin.send("PATCH", "/api/me", {"name": " 林\u202e\x00 小明 ", "locale": "en"})
    assert (changed.json["account"]["name"], changed.json["account"]["locale"]) == ("林 小明", "en")
    assert (await admin.send("PATCH", "/api/me", {"name": "\u200b\u202e"})).json["fields"] == {"name": "invalid"}
    assert (await admin.send("PATCH", "/api/me", {"locale": "xx"})).json["fields"] == {"locale": "invalid"}


async def test_an_invitation_makes_a_member_once(park: Park, admin: Browser) -> None:
    company = await park.organization(admin, "Laser Works")
    body = {"email": "wang@laser.example", "name": "Wang", "organization_id": company, "roles": ["administrator"]}
    link = (await admin.post("/api/invitations", body)).json["link"]
    assert link.startswith(f"{park.base_url}/invitation?token=")
    token = link.partition("token=")[2]
    browser = park.browser()
    shown = (await browser.get(f"/api/invitations?token={token}")).json
    assert shown == {"email": "wang@laser.example", "name": "Wang", "organization": "Laser Works", "has_account": False}
    accepted = await browser.post("/api/invitations/accept", {"token": token, "password": PASSWORD, "name": "王"})
    assert accepted.json["account"]["name"] == "王"
    assert accepted.json["memberships"][0]["roles"] == ["administrator"]
    again = await park.browser().post("/api/invitations/accept", {"token": token, "password": PASSWORD})
    assert again.code == "not_found"


async def test_who_has_an_account_joins_a_second_organization_with_its_password(park: Park, admin: Browser) -> None:
    first, second = await park.organization(admin, "First"), await park.organization(admin, "Second")
    wang = await park.member(admin, first, "Wang")
    body = {
        "email": (await wang.me())["account"]["email"],
        "name": "W",
        "organization_id": second,
        "roles": ["officer"],
    }
    token = (await admin.post("/api/invitations", body)).json["link"].partition("token=")[2]
    assert (await park.browser().get(f"/api/invitations?token={token}")).json["has_account"] is True
    wrong = await park.browser().post("/api/invitations/accept", {"token": token, "password": "some other words"})
    assert wrong.json["fields"] == {"password": "wrong"}
    joined = await park.browser().post("/api/invitations/accept", {"token": token, "password": PASSWORD})
    assert [one["organization"]["name"] for one in joined.json["memberships"]] == ["First", "Second"]


async def test_members_are_listed_to_their_administrators_and_roles_can_be_taken(park: Park, admin: Browser) -> None:
    company = await park.organization(admin, "Laser Works")
    boss = await park.member(admin, company, "Boss", "administrator")
    wang = await park.member(boss, company, "Wang")
    listed = (await boss.get(f"/api/organizations/{company}/members")).json
    assert [(one["name"], one["roles"]) for one in listed["members"]] == [
        ("Boss", ["administrator"]),
        ("Wang", ["member"]),
    ]
    assert listed["more"] is False
    gone = await boss.send("PUT", f"/api/organizations/{company}/members/{wang.account_id}", {"roles": []})
    assert gone.status == 204, gone
    assert (await wang.me())["memberships"] == []


async def test_there_is_one_park(park: Park, admin: Browser) -> None:
    refused = await admin.post("/api/organizations", {"name": "Another park", "kind": "park"})
    assert refused.json["fields"] == {"kind": "taken"}
    assert (await admin.post("/api/organizations", {"name": "Optics Valley", "kind": "enterprise"})).code == "invalid"
    names = [one["name"] for one in (await admin.get("/api/organizations")).json["organizations"]]
    assert names == ["Optics Valley"]


async def test_live_seats_end_with_the_rights_they_were_taken_by(park: Park, admin: Browser) -> None:
    company = await park.organization(admin, "Laser Works")
    wang = await park.member(admin, company, "Wang")
    code = (await wang.meeting())["code"]
    seated = await wang.join(code)
    assert seated.reply["role"] == "host"
    await admin.send("PUT", f"/api/organizations/{company}/members/{wang.account_id}", {"roles": ["officer"]})
    assert (await seated.until("closing"))["code"] == "expired"
    seated = await wang.join(code)
    assert seated.reply["type"] == "joined"
    assert seated.reply["resumed"] is False
    await wang.send("PATCH", "/api/me", {"current_password": PASSWORD, "new_password": "another long phrase"})
    assert (await seated.until("closing"))["code"] == "expired"
