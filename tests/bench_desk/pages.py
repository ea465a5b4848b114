"""The pages of the desk, by who opens them: what each asks the server for."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from collab.requests.models import RequestRow, RequestTypeRow

DAY_MS: Final = 86_400_000


class Page(Struct, frozen=True):
    who: str  # a key of __main__.PEOPLE
    name: str
    path: str

    def __str__(self) -> str:
        return f"{self.who}: {self.name}"


async def pages_of(session: AsyncSession, now_ms: int, people: dict[str, str]) -> list[Page]:
    """`people`: the account of each who."""
    question = await session.scalar(select(RequestTypeRow.id).where(RequestTypeRow.key == "policy_question"))
    company = await session.scalar(select(RequestRow.organization_id).order_by(RequestRow.id).limit(1))
    open_to_all = RequestRow.confidential.is_(False)
    some = select(RequestRow.id, RequestRow.number).where(open_to_all).order_by(RequestRow.id).offset(1_000).limit(1)
    middle, number = (await session.execute(some)).one()

    async def some_id(table: str, where: str = "1 = 1") -> str:
        found = await session.scalar(text(f"SELECT id FROM {table} WHERE {where} ORDER BY id DESC LIMIT 1"))  # noqa: S608
        return str(found or "")

    need, policy, place = await some_id("needs"), await some_id("policies"), await some_id("health_places")
    announcement = await some_id(
        "announcements", "state = 'published' AND organization_id = (SELECT id FROM organizations WHERE kind = 'park')"
    )
    week, month = f"from_ms={now_ms}&to_ms={now_ms + 7 * DAY_MS}", f"from_ms={now_ms}&to_ms={now_ms + 31 * DAY_MS}"
    year = f"from_ms={now_ms - 365 * DAY_MS}&to_ms={now_ms}"
    desk = "/api/requests?scope=desk"
    clerk = people["member"]
    pages = {
        "officer": {
            "today": "/api/home",
            "list": desk,
            "list, an old page": f"{desk}&before={middle}",
            "list of open": f"{desk}&state=submitted,taken,needs_information,reopened",
            "list of late": f"{desk}&late=true",
            "list by the clock": f"{desk}&sort=due",
            "list of one type": f"{desk}&type_id={question}",
            "list of one company": f"{desk}&organization_id={company}",
            "own": "/api/requests?scope=owned",
            "own, open": "/api/requests?scope=owned&state=taken",
            "search a title": f"{desk}&search=激光切割机",
            "search nothing": f"{desk}&search=nothingatall",
            "search a number": f"{desk}&search={number}",
            "one request": f"/api/requests/{middle}",
            "calls about a request": f"/api/calls?kind=request&id={middle}",
            "board": "/api/requests/board",
            "statistics, 90 days": "/api/requests/statistics",
            "statistics, a year": f"/api/requests/statistics?{year}",
            "statistics of one company": f"/api/requests/statistics?organization_id={company}",
            "officers' board": "/api/officers/board",
            "companies": "/api/officers/companies",
            "directory": "/api/directory/organizations",
            "directory, a word": "/api/directory/organizations?search=激光",
            "a company": f"/api/directory/organizations/{company}",
            "needs": "/api/directory/needs",
            "a need": f"/api/directory/needs/{need}",
            "matching": f"/api/directory/needs/{need}/candidates",
            "spot checks": "/api/patrols/checks",
            "jobs": "/api/assist/jobs",
            "policies": "/api/policies",
            "a policy": f"/api/policies/{policy}",
            "who may apply": f"/api/policies/{policy}/companies",
            "announcements": "/api/announcements",
            "symposiums": "/api/symposiums",
            "inbox": "/api/notices",
            "inbox, an area": "/api/notices?area=requests",
            "calendar, a month": f"/api/schedule/occurrences?{month}",
            "whom to call": "/api/calls/people?q=王",
            "livestreams": "/api/livestreams",
        },
        "chief": {
            "today": "/api/home",
            "board": "/api/requests/board",
            "statistics, 90 days": "/api/requests/statistics",
            "statistics, a year": f"/api/requests/statistics?{year}",
            "audit log": "/api/audit",
            "audit log of an action": "/api/audit?action=signed_in",
            "audit log of a person": f"/api/audit?actor_id={clerk}",
            "audit log, a name": "/api/audit?search=王芳",
            "audit log, no name": "/api/audit?search=nobodyatall",
            "audit log, an address": "/api/audit?address=203.0.113.9",
            "organizations": "/api/organizations",
            "members": f"/api/organizations/{company}/members",
            "types": "/api/request-types",
            "plan of all needs": "/api/directory/needs",
            "receipts": f"/api/announcements/{announcement}/receipts",
            "organizations' standing": f"/api/policies/{policy}/companies",
            "meetings": "/api/meetings",
            "recordings": "/api/recordings",
            "recordings, a word": "/api/recordings?search=nothingatall",
            "who looked at health": "/api/health/accesses",
        },
        "member": {
            "today": "/api/home",
            "own": "/api/requests",
            "company": "/api/requests?scope=company",
            "types": "/api/request-types",
            "policies": "/api/policies?mine=true",
            "announcements": "/api/announcements",
            "own health": "/api/health/mine",
            "inbox": "/api/notices",
            "inbox, unread": "/api/notices?state=unread",
            "calendar, a week": f"/api/schedule/occurrences?{week}",
            "meetings": "/api/meetings",
            "recordings": "/api/recordings",
            "directory": "/api/directory/organizations",
            "whom to call": "/api/calls/people",
            "notice settings": "/api/me/notice-settings",
        },
        "boss": {
            "company": "/api/requests?scope=company",
            "needs": "/api/directory/needs",
            "audit log": "/api/audit",
            "policies": "/api/policies?mine=true",
        },
        "health": {
            "places at risk": "/api/health/places",
            "a place at risk": f"/api/health/places/{place}",
            "people concerned": f"/api/health/places/{place}/people?purpose=tracing",
        },
        "installer": {
            "today": "/api/home",
            "needs": "/api/directory/needs",
            "jobs": "/api/assist/jobs",
        },
    }
    return [Page(who, name, path) for who, asked in pages.items() for name, path in asked.items()]
