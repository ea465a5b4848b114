"""People of the desk and requests, over the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.api import Answer, Browser, Json, Park

QUESTION: Json = {"subject": "租金减免", "area": "rent", "question": "How long does it last?", "call": "text"}
_DAY = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)  # the form asks for days to come
ACCESS: Json = {
    "reason": "Repair of the chiller",
    "direction": "both",
    "from_time": _DAY.strftime("%Y-%m-%dT10:00"),
    "until_time": _DAY.strftime("%Y-%m-%dT12:00"),
    "gate": "east",
    "people": [{"name": "王芳", "phone": "13800000000"}],
    "vehicle": "no",
}


async def type_id(browser: Browser, key: str) -> str:
    types = (await browser.get("/api/request-types")).json["types"]
    return next(str(one["id"]) for one in types if one["key"] == key)


async def filed(browser: Browser, type_key: str, answers: Json, **more: object) -> Json:
    """The card of a request that is submitted."""
    body = {"type_id": await type_id(browser, type_key), "answers": answers, "submit": True, **more}
    answer = await browser.post("/api/requests", body)
    assert answer.status == 201, answer
    return answer.json


async def move(browser: Browser, request_id: str, action: str, **more: object) -> Answer:
    return await browser.post(f"/api/requests/{request_id}/moves", {"action": action, **more})


@dataclass
class Desk:
    """A park with two officers, a company with two people and an administrator, and another company."""

    chief: Browser  # administers the park
    officer: Browser
    second: Browser  # officer, too
    requester: Browser
    colleague: Browser
    boss: Browser  # administers the requester's company
    rival: Browser  # administers another company
    company: str

    @property
    def everybody(self) -> dict[str, Browser]:
        return {
            "chief": self.chief,
            "officer": self.officer,
            "requester": self.requester,
            "colleague": self.colleague,
            "boss": self.boss,
            "rival": self.rival,
        }


async def open_desk(park: Park, admin: Browser) -> Desk:
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    company, other = await park.organization(admin, "Laser Works"), await park.organization(admin, "Robots")
    return Desk(
        chief=admin,
        officer=await park.member(admin, park_id, "Chen", "officer"),
        second=await park.member(admin, park_id, "Liu", "officer"),
        requester=await park.member(admin, company, "Zhou"),
        colleague=await park.member(admin, company, "Wu"),
        boss=await park.member(admin, company, "Sun", "administrator"),
        rival=await park.member(admin, other, "Qian", "administrator"),
        company=company,
    )
