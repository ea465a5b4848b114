"""Work instructions: written and rewritten, worked through in a session, signed by both sides, reported."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass

import msgspec
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from collab.meetings.models import AttendanceRow
from collab.reports.chain import Entry, first_break
from collab.reports.keys import known_keys
from collab.reports.seal import Verdict, verify
from tests.support.api import Answer, Browser, Json, Park, eventually
from tests.support.reports import picture

STEPS: list[Json] = [
    {"id": "step-torque", "title": "Tighten 拧紧", "kind": "torque", "low": 23.0, "target": 25.0, "high": 27.0},
    {"id": "step-photo1", "title": "Photograph the plate", "kind": "photo"},
    {"id": "step-guard1", "title": "Guard closed", "kind": "yes_no", "required": False},
]


@dataclass
class Bench:
    """A session between an enterprise on site and an expert who came by a link."""

    owner: Browser
    expert: Browser
    bearer: dict[str, str]
    session: str

    async def put(self, path: str, body: Json, *, as_expert: bool = False) -> Answer:
        whole = f"/api/assist/sessions/{self.session}/{path}"
        if as_expert:
            return await self.expert.ask("PUT", whole, body, headers={**self.bearer, "Origin": self.expert.base_url})
        return await self.owner.send("PUT", whole, body)

    async def answer(self, step: str, at_ms: int, *, as_expert: bool = False, **fields: object) -> Answer:
        body = {"answer": {"state": "done", "at_ms": at_ms, **fields}}
        return await self.put(f"runs/run-00001/answers/{step}", body, as_expert=as_expert)

    async def runs(self) -> Json:
        return (await self.owner.get(f"/api/assist/sessions/{self.session}/runs")).json


@pytest.fixture
async def bench(park: Park, admin: Browser) -> Bench:
    works = await park.organization(admin, "Laser Works")
    owner = await park.member(admin, works, "Zhou")
    machine = (await owner.post("/api/assist/machines", {"make": "Han", "model": "L-20"})).json
    session = (await owner.post("/api/assist/sessions", {"machine_id": machine["id"]})).json
    link = (await owner.post(f"/api/assist/sessions/{session['id']}/links", {"role": "expert"})).json
    expert = park.browser()
    token = link["url"].rpartition("/")[2]
    entry = (await expert.post("/api/assist/links/open", {"token": token, "name": "Li"})).json
    return Bench(owner, expert, {"Authorization": f"Bearer {entry['token']}"}, session["id"])


async def written(by: Browser, **changes: object) -> Json:
    answer = await by.post("/api/assist/templates", {"title": "Commission L-20", "steps": STEPS, **changes})
    assert answer.status == 201, answer
    return answer.json


async def test_a_template_is_rewritten_and_what_was_begun_keeps_its_version(bench: Bench) -> None:
    template = await written(bench.owner)
    assert (template["version"], template["may_change"], len(template["steps"])) == (1, True, 3)
    run = (await bench.put("runs/run-00001", {"template_id": template["id"]})).json
    assert (run["title"], run["version"], len(run["steps"])) == ("Commission L-20", 1, 3)

    path = f"/api/assist/templates/{template['id']}"
    second = await bench.owner.post(f"{path}/versions", {"based_on": 1, "title": "Shorter", "steps": STEPS[:1]})
    assert (second.status, second.json["version"], second.json["title"]) == (201, 2, "Shorter")
    late = await bench.owner.post(f"{path}/versions", {"based_on": 1, "title": "Mine", "steps": STEPS})
    assert late.code == "conflict"
    versions = (await bench.owner.get(f"{path}/versions")).json["versions"]
    assert [(one["version"], len(one["steps"]), one["name"]) for one in versions] == [(2, 1, "Zhou"), (1, 3, "Zhou")]
    assert len((await bench.runs())["runs"][0]["steps"]) == 3

    assert (await bench.owner.send("PATCH", path, {"archived": True})).json["archived"] is True
    assert (await bench.owner.get("/api/assist/templates")).json["templates"] == []
    archived = (await bench.owner.get("/api/assist/templates?archived=true")).json["templates"]
    assert [one["id"] for one in archived] == [template["id"]]


async def test_the_parks_templates_are_for_everybody_and_others_for_nobody_else(
    park: Park, admin: Browser, bench: Bench
) -> None:
    parks, own = await written(admin, title="Safety first"), await written(bench.owner)
    other = await park.member(admin, await park.organization(admin, "Robots"), "Qian")
    listed = (await other.get("/api/assist/templates")).json["templates"]
    assert [(one["id"], one["may_change"]) for one in listed] == [(parks["id"], False)]
    assert (await other.get(f"/api/assist/templates/{own['id']}")).code == "forbidden"
    rewrite = {"based_on": 1, "title": "x", "steps": STEPS}
    assert (await other.post(f"/api/assist/templates/{parks['id']}/versions", rewrite)).code == "forbidden"
    stolen = {"title": "x", "steps": STEPS, "organization_id": own["id"]}
    assert (await other.post("/api/assist/templates", stolen)).code == "forbidden"


POISONED: list[list[Json]] = [
    [],
    [STEPS[0], STEPS[0]],
    [{"id": "x", "title": "short id"}],
    [{**STEPS[0], "low": 99.0}],
    [{**STEPS[0], "kind": "explode"}],
    [{**STEPS[0], "title": " \u200b"}],
    [{**STEPS[0], "surprise": 1}],
    [{**STEPS[0], "text": "x" * 2_001}],
    [{**STEPS[0], "target": 1e300}],
    [{"id": f"step-{number:05}", "title": "x"} for number in range(201)],
]


async def test_a_poisoned_template_is_refused_and_nothing_is_written(bench: Bench) -> None:
    for steps in POISONED:
        answer = await bench.owner.post("/api/assist/templates", {"title": "Bad", "steps": steps})
        assert answer.code in ("invalid", "bad_message"), (steps, answer)
    assert (await bench.owner.get("/api/assist/templates")).json["templates"] == []


async def test_answers_of_a_phone_that_was_away_find_their_place(bench: Bench) -> None:
    """What was entered without a network comes late, twice and out of order: the later by its own clock holds."""
    await bench.put("runs/run-00001", {"title": "By hand", "steps": STEPS})
    again = await bench.put("runs/run-00001", {"title": "Other", "steps": STEPS[:1]})
    assert (again.json["title"], len(again.json["steps"])) == ("By hand", 3)
    later = await bench.answer("step-torque", 2_000, number=25.5)
    assert (later.json["answer"]["number"], later.json["name"]) == (25.5, "Zhou")
    earlier = await bench.answer("step-torque", 1_000, number=19.0)
    assert earlier.json == later.json
    assert (await bench.answer("step-torque", 2_000, number=25.5)).json == later.json
    corrected = await bench.answer("step-torque", 3_000, as_expert=True, number=30.0)
    assert (corrected.json["answer"]["state"], corrected.json["name"]) == ("failed", "Li")
    (run,) = (await bench.runs())["runs"]
    assert [(one["step_id"], one["answer"]["number"]) for one in run["answers"]] == [("step-torque", 30.0)]


async def test_an_answer_must_say_what_its_step_asks_for(bench: Bench) -> None:
    await bench.put("runs/run-00001", {"title": "By hand", "steps": STEPS})
    assert (await bench.answer("step-torque", 1)).json["fields"] == {"number": "required"}
    assert (await bench.answer("step-photo1", 1)).json["fields"] == {"still_ids": "required"}
    assert (await bench.answer("step-photo1", 1, state="skipped")).json["fields"] == {"note": "required"}
    assert (await bench.answer("step-guard1", 1, state="skipped")).status == 200
    assert (await bench.answer("step-missing", 1)).code == "not_found"
    missing = await bench.put("runs/run-99999/answers/step-torque", {"answer": {"state": "open", "at_ms": 1}})
    assert missing.code == "not_found"


async def test_both_sides_sign_and_then_nothing_changes(bench: Bench) -> None:
    await bench.put("runs/run-00001", {"title": "By hand", "steps": STEPS})
    await bench.answer("step-torque", 1, number=25.0)
    ink = {"name": "Zhou", "organization": "Laser Works", "strokes": [[0.1, 0.2, 0.3, 0.4]]}
    first = (await bench.put("signature", ink)).json["signatures"]
    assert [(one["part"], one["name"], one["strokes"]) for one in first] == [("on_site", "Zhou", ink["strokes"])]
    await bench.answer("step-guard1", 2, yes=True)
    assert (await bench.runs())["signatures"] == []  # it was not this that was signed
    await bench.put("signature", ink)
    both = (await bench.put("signature", {**ink, "name": "Li"}, as_expert=True)).json["signatures"]
    assert [one["part"] for one in both] == ["on_site", "expert"]
    assert (await bench.answer("step-torque", 9, number=26.0)).code == "wrong_state"
    assert (await bench.put("signature", ink)).code == "wrong_state"
    assert (await bench.answer("step-torque", 1, number=25.0)).status == 200  # sent again: holds already


async def test_with_both_signatures_the_job_is_signed_off(park: Park, admin: Browser) -> None:
    works = await park.organization(admin, "Laser Works")
    fitters = await park.organization(admin, "Fitters", "installer")
    owner, fitter = await park.member(admin, works, "Zhou"), await park.member(admin, fitters, "Li")
    machine = (await owner.post("/api/assist/machines", {"make": "Han", "model": "L-20"})).json
    job = (
        await owner.post(
            "/api/assist/jobs", {"machine_id": machine["id"], "installer_id": fitters, "title": "Commission"}
        )
    ).json["job"]
    path = f"/api/assist/jobs/{job['id']}"
    await fitter.post(f"{path}/steps", {"action": "accept"})
    await fitter.post(f"{path}/steps", {"action": "schedule", "starts_at_ms": 1, "ends_at_ms": 2})
    begun = await fitter.post(f"{path}/steps", {"action": "start"})
    assert begun.status == 200, begun
    session = (await owner.post("/api/assist/sessions", {"job_id": job["id"]})).json["id"]
    ink = {"name": "x", "strokes": [[0.1, 0.2]]}
    await owner.send("PUT", f"/api/assist/sessions/{session}/signature", {**ink, "name": "Zhou"})
    assert (await owner.get(path)).json["job"]["state"] == "in_progress"
    await fitter.send("PUT", f"/api/assist/sessions/{session}/signature", {**ink, "name": "Li"})
    assert (await owner.get(path)).json["job"]["state"] == "signed_off"


async def test_an_observer_and_a_stranger_change_nothing(admin: Browser, park: Park, bench: Bench) -> None:
    path = f"/api/assist/sessions/{bench.session}"
    assert (await admin.get(f"{path}/runs")).status == 200
    body = {"title": "Mine", "steps": STEPS}
    assert (await admin.send("PUT", f"{path}/runs/run-00001", body)).code == "forbidden"
    assert (await park.browser().send("PUT", f"{path}/runs/run-00001", body)).code == "unauthenticated"
    assert (await bench.put("runs/run-00001", {"template_id": "0" * 26}, as_expert=True)).code == "forbidden"


async def test_the_report_of_a_session_holds_what_was_done_and_is_sealed(park: Park, bench: Bench) -> None:
    room = (await bench.owner.get(f"/api/assist/sessions/{bench.session}")).json
    socket = await bench.owner.join(room["code"])
    await bench.put("runs/run-00001", {"title": "By hand", "steps": STEPS})
    await bench.answer("step-torque", 1_763_800_000_000, number=25.3)
    still = f"/api/assist/sessions/{bench.session}/stills/still-0001"
    kept = await bench.owner.ask(
        "PUT",
        f"{still}?taken_at_ms=1763800000000",
        raw=picture(),
        headers={"Origin": bench.owner.base_url, "X-CSRF-Token": bench.owner.csrf, "Content-Type": "image/jpeg"},
    )
    assert kept.status == 200, kept
    marks = [{"kind": "circle", "color": "red", "points": [0.2, 0.2, 0.4, 0.4], "text": "here"}]
    assert (await bench.put("stills/still-0001/marks", {"marks": marks})).status == 200
    await bench.answer("step-photo1", 1_763_800_001_000, still_ids=["still-0001"])
    await bench.put("items/item-0001", {"text": "Replace the hose"})
    ink = {"name": "Zhou", "organization": "Laser Works", "strokes": [[0.1, 0.2, 0.3, 0.4]]}
    await bench.put("signature", ink)
    await bench.put("signature", {**ink, "name": "Li"}, as_expert=True)
    path = f"/api/assist/sessions/{bench.session}/reports"
    # Made before anybody has left it says who is inside.
    early = (await bench.owner.post(path, {"language": "zh", "time_zone": "Asia/Shanghai"})).json
    page = (await bench.owner.get(early["html_url"])).body.decode()
    assert "参与人" in page
    assert "Zhou (Laser Works) - 现场" in page
    await bench.owner.post(f"/api/assist/sessions/{bench.session}/end")
    await socket.close()

    async def attended() -> bool:
        async with park.database.read() as session:
            return len((await session.scalars(select(AttendanceRow))).all()) == 1

    await eventually(attended)
    made = await bench.owner.post(path, {"language": "en", "time_zone": "Asia/Shanghai"})
    assert made.status == 201, made
    keys = await asyncio.to_thread(known_keys, park.data_folder)
    pdf, html = await bench.owner.get(made.json["pdf_url"]), await bench.owner.get(made.json["html_url"])
    assert pdf.headers["Content-Type"] == "application/pdf"
    for answer in (pdf, html):
        assert answer.headers["Content-Disposition"].startswith("attachment")
        finding = verify(answer.body, keys)
        assert (finding.verdict, finding.chain) == (Verdict.INTACT, made.json["chain"])
    reader = PdfReader(io.BytesIO(pdf.body))
    text = "".join(page.extract_text() for page in reader.pages)
    for part in ("Han", "L-20", "Laser Works", "25.3", "25 ± 2", "Replace the hose", "Zhou", "Li", "On site"):
        assert part in text, part
    record = msgspec.json.decode(reader.attachments["record.json"][0], type=list[Entry])
    assert first_break(record) is None
    assert {"visit", "step", "picture", "open_item", "signature"} <= {entry.kind for entry in record}

    as_guest = await bench.expert.ask("GET", path, headers=bench.bearer)
    assert {one["id"] for one in as_guest.json["reports"]} == {early["id"], made.json["id"]}
    assert (await bench.owner.post(path, {"language": "en", "time_zone": "../etc"})).json["fields"] == {
        "time_zone": "invalid"
    }
