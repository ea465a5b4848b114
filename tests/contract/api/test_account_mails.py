"""Invitations and links that set a password really go out, in both languages; their links work once and run out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import update

from collab.accounts.models import OneTimeLinkRow
from tests.support.api import PASSWORD, Browser, Park, eventually, open_park
from tests.support.mail import MailCatcher, caught_mail

SUBJECTS = {"zh-CN": "Lin邀请您加入Laser Works", "en": "Lin invites you to Laser Works"}
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


async def mail_to(catcher: MailCatcher, address: str) -> EmailMessage:
    async def is_there() -> bool:
        return any(str(one["To"].addresses[0].addr_spec) == address for one in catcher.messages)

    await eventually(is_there, within_s=60.0)
    return next(one for one in catcher.messages if one["To"].addresses[0].addr_spec == address)


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
