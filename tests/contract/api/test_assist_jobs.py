"""Installation jobs between an enterprise and an installer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from tests.support.api import Answer, Browser, Json, Park


@dataclass
class Deal:
    enterprise: Browser
    installer: Browser
    rival: Browser
    job: Json
    machine: Json

    async def step(self, by: Browser, action: str, **options: object) -> Answer:
        return await by.post(f"/api/assist/jobs/{self.job['id']}/steps", {"action": action, **options})


@pytest.fixture
async def deal(park: Park, admin: Browser) -> Deal:
    works = await park.organization(admin, "Laser Works")
    fitters, others = [await park.organization(admin, name, "installer") for name in ("Fitters", "Other fitters")]
    enterprise = await park.member(admin, works, "Zhou")
    installer, rival = await park.member(admin, fitters, "Wu"), await park.member(admin, others, "Zheng")
    machine = (await enterprise.post("/api/assist/machines", {"make": "Han", "model": "L-20"})).json
    wish = {"machine_id": machine["id"], "installer_id": fitters, "title": "安装激光切割机", "note": "Hall 3\nby May"}
    made = await enterprise.post("/api/assist/jobs", wish)
    assert made.status == 201, made
    return Deal(enterprise, installer, rival, made.json["job"], machine)


async def test_a_job_goes_its_way_and_every_step_is_kept(deal: Deal) -> None:
    assert (deal.job["state"], deal.job["actions"], deal.job["note"]) == ("requested", ["cancel"], "Hall 3\nby May")
    seen = (await deal.installer.get(f"/api/assist/jobs/{deal.job['id']}")).json["job"]
    assert seen["actions"] == ["accept", "decline"]
    assert (await deal.step(deal.enterprise, "accept")).code == "forbidden"
    assert (await deal.step(deal.installer, "start")).code == "wrong_state"
    await deal.step(deal.installer, "accept", note="Gladly")
    assert (await deal.step(deal.installer, "schedule", starts_at_ms=9, ends_at_ms=8)).code == "invalid"
    await deal.step(deal.installer, "schedule", starts_at_ms=1_000, ends_at_ms=2_000)
    await deal.step(deal.enterprise, "schedule", starts_at_ms=3_000, ends_at_ms=4_000)
    await deal.step(deal.installer, "start")
    assert (await deal.step(deal.installer, "sign_off")).code == "forbidden"
    card = (await deal.step(deal.enterprise, "sign_off")).json
    assert (card["job"]["state"], card["job"]["starts_at_ms"], card["job"]["actions"]) == ("signed_off", 3_000, [])
    steps = [(event["action"], event["name"], event["note"]) for event in card["events"]]
    assert steps == [
        ("request", "Zhou", ""),
        ("accept", "Wu", "Gladly"),
        ("schedule", "Wu", ""),
        ("schedule", "Zhou", ""),
        ("start", "Wu", ""),
        ("sign_off", "Zhou", ""),
    ]


async def test_of_two_who_decide_at_once_one_does(deal: Deal) -> None:
    both = await asyncio.gather(deal.step(deal.installer, "accept"), deal.step(deal.enterprise, "cancel"))
    assert min(answer.status for answer in both) == 200
    events = (await deal.enterprise.get(f"/api/assist/jobs/{deal.job['id']}")).json["events"]
    # accepted and then cancelled is a way as well; never two steps from the same state
    actions = [event["action"] for event in events]
    assert actions in (["request", "accept"], ["request", "cancel"], ["request", "accept", "cancel"])


async def test_an_installer_sees_the_machine_while_the_job_is_in_hand(deal: Deal) -> None:
    path = f"/api/assist/machines/{deal.machine['id']}"
    assert (await deal.installer.get(path)).json["may_change"] is False
    assert (await deal.installer.send("PATCH", path, {"site": "x"})).code == "forbidden"
    assert (await deal.rival.get(path)).code == "forbidden"
    session = (await deal.enterprise.post("/api/assist/sessions", {"job_id": deal.job["id"]})).json
    assert (session["title"], session["machine"]["id"]) == ("安装激光切割机", deal.machine["id"])
    entered = (await deal.installer.get(f"/api/assist/rooms/{session['code']}")).json
    assert entered["you"]["role"] == "expert"
    assert (await deal.rival.get(f"/api/assist/rooms/{session['code']}")).code == "forbidden"
    assert [one["id"] for one in (await deal.installer.get("/api/assist/sessions")).json["sessions"]] == [session["id"]]
    assert (await deal.rival.get("/api/assist/sessions")).json["sessions"] == []
    await deal.step(deal.enterprise, "cancel")
    assert (await deal.installer.get(path)).code == "forbidden"
    assert (await deal.enterprise.post("/api/assist/sessions", {"job_id": deal.job["id"]})).code == "wrong_state"


async def test_jobs_are_both_companies_and_nobody_elses(deal: Deal, admin: Browser) -> None:
    for browser, count in ((deal.enterprise, 1), (deal.installer, 1), (admin, 1), (deal.rival, 0)):
        assert len((await browser.get("/api/assist/jobs?open_only=true")).json["jobs"]) == count
    path = f"/api/assist/jobs/{deal.job['id']}"
    assert (await deal.rival.get(path)).code == "forbidden"
    assert (await deal.step(deal.rival, "cancel")).code == "forbidden"
    wish = {"machine_id": deal.machine["id"], "installer_id": deal.machine["organization"]["id"], "title": "x"}
    assert (await deal.enterprise.post("/api/assist/jobs", wish)).json["fields"] == {"installer_id": "invalid"}
    assert (await deal.installer.post("/api/assist/jobs", wish)).code == "forbidden"
    installers = (await deal.enterprise.get("/api/assist/installers")).json["installers"]
    assert [one["name"] for one in installers] == ["Fitters", "Other fitters"]
