"""Invitations and links that set a password really go out, in both languages; their links work once and run out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select, update

from collab.accounts.models import OneTimeLinkRow
from tests.support.api import PASSWORD, Browser, Park, eventually, open_park
from tests.support.mail import MailCatcher, caught_mail

NEW_PASSWORD = "seven quiet cranes at dawn"
SUBJECTS = {"zh-CN": "Lin邀请您加入Laser Works", "en": "Lin invites you to Laser Works"}
FORGOTTEN = {"zh-CN": "重新设置同心的密码", "en": "Choose a new password for Tongxin"}
CHANGED = {"zh-CN": "您的密码已更改", "en": "Your password was changed"}
WELCOMES = {"zh-CN": "Laser Works邀请您使用同心", "en": "Laser Works invites you to Tongxin"}


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    async with caught_mail() as catcher:
        yield catcher


@pytest.fixture
async def park(tmp_path: Path, database_url: str, redis_url: str, catcher: MailCatcher) -> AsyncIterator[Park]:
    environment = {"TONGXIN_SMTP_URL": catcher.url, "TONGXIN_MAIL_FROM": "Park <park@park.example>"}
    async with open_park(tmp_path / "data", database_url, redis_url, environment) as opened:
        yield opened


async def mail_to(catcher: MailCatcher, address: str, subject: str = "") -> EmailMessage:
    def found() -> list[EmailMessage]:
        mails = [one for one in catcher.messages if one["To"].addresses[0].addr_spec == address]
        return [one for one in mails if subject in ("", one["Subject"])]

    async def is_there() -> bool:
        return bool(found())

    await eventually(is_there, within_s=60.0)
    return found()[0]


def token_of(message: EmailMessage, page: str) -> str:
    """By the link that stands in the text and in the HTML alike."""
    tokens = []
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        tokens += re.findall(rf"/{page}\?token=([\w-]+)", part.get_content())
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]
    return str(tokens[0])


async def test_an_invitation_is_mailed_and_its_link_works_once(
    park: Park, admin: Browser, catcher: MailCatcher
) -> None:
    works = await park.organization(admin, "Laser Works")
    for locale, subject in SUBJECTS.items():
        assert (await admin.send("PATCH", "/api/me", {"locale": locale})).status == 200
        email = f"{locale.lower()}@works.example"
        wish = {"email": email, "name": "<b>Chen</b>", "organization_id": works, "roles": ["member"]}
        assert (await admin.post("/api/invitations", wish)).status == 200
        message = await mail_to(catcher, email)
        assert (message["Subject"], message["From"].addresses[0].addr_spec) == (subject, "park@park.example")
        html = message.get_body(("html",))
        assert html is not None
        assert "<b>" not in html.get_content()
        token = token_of(message, "invitation")
        accept = {"token": token, "password": PASSWORD}
        accepted = await park.browser().post("/api/invitations/accept", accept)
        assert (accepted.status, accepted.json["account"]["email"]) == (200, email)
        assert (await park.browser().post("/api/invitations/accept", accept)).code == "not_found"


async def test_an_invitation_runs_out(park: Park, admin: Browser, catcher: MailCatcher) -> None:
    works = await park.organization(admin, "Laser Works")
    wish = {"email": "late@works.example", "name": "Late", "organization_id": works, "roles": ["member"]}
    assert (await admin.post("/api/invitations", wish)).status == 200
    token = token_of(await mail_to(catcher, "late@works.example"), "invitation")
    assert (await park.browser().get(f"/api/invitations?token={token}")).status == 200
    async with park.database.write() as session:
        await session.execute(update(OneTimeLinkRow).values(expires_at_ms=1))
    assert (await park.browser().get(f"/api/invitations?token={token}")).code == "not_found"
    accept = {"token": token, "password": PASSWORD}
    assert (await park.browser().post("/api/invitations/accept", accept)).code == "not_found"


async def test_who_is_imported_is_mailed_a_link_that_sets_a_password(
    park: Park, admin: Browser, catcher: MailCatcher
) -> None:
    await park.organization(admin, "Laser Works")
    rows = [f"{locale.lower()}@works.example,Zhou,Laser Works,{locale}" for locale in WELCOMES]
    table = "\n".join(("email,name,organization,language", *rows, "")).encode()
    answer = await admin.send("PUT", "/api/imports/people-01?kind=people", raw=table)
    assert (answer.status, answer.json["counts"]["created"]) == (200, 2), answer
    assert (await admin.post("/api/imports/people-01/apply", {"invite": True})).status == 200
    for locale, subject in WELCOMES.items():
        email = f"{locale.lower()}@works.example"
        message = await mail_to(catcher, email)
        assert message["Subject"] == subject
        choose = {"token": token_of(message, "reset"), "password": PASSWORD}
        chosen = await park.browser().post("/api/password-reset", choose)
        assert (chosen.status, chosen.json["account"]["email"]) == (200, email)
        assert (await park.browser().post("/api/password-reset", choose)).code == "not_found"
        assert (await park.browser().sign_in(email)).status == 200


async def test_who_forgot_the_password_is_mailed_a_link_and_all_sign_ins_end(
    park: Park, admin: Browser, catcher: MailCatcher
) -> None:
    works = await park.organization(admin, "Laser Works")
    for locale, subject in FORGOTTEN.items():
        member = await park.member(admin, works, f"Zhou-{locale}")
        assert (await member.send("PATCH", "/api/me", {"locale": locale})).status == 200
        assert member.account is not None
        email = str(member.account["email"])
        asking = park.browser()
        for _ in range(2):  # the former link goes on working until one of them is used
            assert (await asking.post("/api/password-forgotten", {"email": f" {email.upper()} "})).status == 204
        message = await mail_to(catcher, email, subject)
        choose = {"token": token_of(message, "reset"), "password": NEW_PASSWORD}
        weak = await asking.post("/api/password-reset", {**choose, "password": "1234567890"})
        assert weak.code == "invalid"
        chosen = await asking.post("/api/password-reset", choose)
        assert (chosen.status, chosen.json["account"]["email"]) == (200, email)
        assert (await member.get("/api/me")).json["account"] is None
        assert (await asking.get("/api/me")).json["account"]["email"] == email
        assert (await asking.post("/api/password-reset", choose)).code == "not_found"
        async with park.database.read() as session:
            links = select(OneTimeLinkRow.id).where(OneTimeLinkRow.email == email, OneTimeLinkRow.kind == "reset")
            assert (await session.scalars(links)).all() == []  # the other one neither
        # By mail whatever the person chose, and where somebody at the former browser cannot take it away.
        told = await mail_to(catcher, email, CHANGED[locale])
        assert "/forgot" in told.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert (await asking.get("/api/notices")).json["notices"][0]["kind"] == "password_changed"
        assert (await park.browser().sign_in(email)).code == "unauthenticated"


async def test_nobody_learns_who_has_an_account_no_mailbox_is_filled_and_links_run_out(
    park: Park, admin: Browser, catcher: MailCatcher
) -> None:
    works = await park.organization(admin, "Laser Works")
    member = await park.member(admin, works, "Zhou")
    assert member.account is not None
    known, unknown, asking = str(member.account["email"]), "nobody@works.example", park.browser()
    answers = {}
    for email in (known, unknown):
        tries = [await asking.post("/api/password-forgotten", {"email": email}) for _ in range(4)]
        answers[email] = [(one.status, one.code) for one in tries]
    assert answers[known] == answers[unknown] == [(204, "")] * 3 + [(429, "rate_limited")]
    assert (await asking.post("/api/password-forgotten", {"email": "no address"})).code == "invalid"
    await mail_to(catcher, known)
    assert not [one for one in catcher.messages if one["To"].addresses[0].addr_spec == unknown]

    # and a link runs out after an hour
    assert admin.account is not None
    email = str(admin.account["email"])
    assert (await park.browser().post("/api/password-forgotten", {"email": email})).status == 204
    token = token_of(await mail_to(catcher, email), "reset")
    async with park.database.write() as session:
        lasts_ms = OneTimeLinkRow.expires_at_ms - OneTimeLinkRow.created_at_ms
        left_ms = await session.scalar(select(lasts_ms).where(OneTimeLinkRow.email == email))
        assert left_ms == 3_600_000
        await session.execute(update(OneTimeLinkRow).values(expires_at_ms=1))
    late = await park.browser().post("/api/password-reset", {"token": token, "password": NEW_PASSWORD})
    assert late.code == "not_found"
    assert (await park.browser().sign_in(email)).status == 200
