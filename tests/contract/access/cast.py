"""One person of each kind, and what they act upon."""

from __future__ import annotations

from dataclasses import dataclass

from tests.contract.access.assistance import STEP
from tests.contract.access.desk import CERTIFICATE, CREW, ISSUE, NEED, POLICY, SYMPOSIUM
from tests.contract.access.people import WEBHOOK
from tests.support.access import Who
from tests.support.api import Answer, Browser, Json, Park
from tests.support.assist import KEYFRAME, PDF, PNG
from tests.support.desk import QUESTION, filed
from tests.support.livestream import livestream
from tests.support.recordings import recorded

QUERIES = {
    ("GET", "/api/schedule/replies"): "?token=" + "0" * 20,
    ("PUT", "/api/imports/{key}"): "?kind=organizations",
    ("GET", "/api/calls"): "?kind=machine&id={machine}",
    ("GET", "/api/schedule/occurrences"): "?from_ms=1&to_ms=2",
    ("PUT", "/api/assist/machines/{id}/documents/{key}"): "?title=Manual",
    ("PUT", "/api/assist/sessions/{id}/documents/{key}"): "?title=Manual",
    ("GET", "/api/invitations"): "?token=x",
    ("GET", "/api/shared-recording"): "?token=x",
    ("PUT", "/api/room-files"): "?slip=x",
    ("GET", "/api/room-files"): "?slip=x",
    ("GET", "/api/room-files/small"): "?slip=x",
    ("GET", "/api/shared-recording/film"): "?token=x",
    ("GET", "/api/livestreams/{id}/film"): "?token=x",
    ("GET", "/api/livestreams/{id}/captions"): "?token=x&language=en",
    ("PUT", "/api/livestreams/{id}/captions"): "?language=en",
    ("GET", "/api/request-types/{id}/definition"): "?version=1",
    ("GET", "/api/assist/links"): "?token=" + "0" * 20,
    ("GET", "/api/health/places/{id}/people"): "?purpose=tracing",
    ("GET", "/api/health/concerns/{id}"): "?purpose=tracing",
}


@dataclass
class Cast:
    """One of each, and what they act upon."""

    browsers: dict[Who, Browser]
    bearer: dict[str, str]
    company: str
    meeting_id: str
    code: str
    machine: Json
    assistance: Json
    template: Json
    job: Json
    event: Json
    recording_id: str
    livestream_id: str
    request: Json  # that the host filed; its company sees it
    call: Json  # of the host to the boss, given up
    certificate: Json  # of the installer, as the next
    crew: Json
    need: Json  # of the company, open
    announcement_id: str  # of the boss to the company, out
    policy_id: str  # published
    webhook_id: str  # of the company
    symposium: Json  # that collects issues; one of the host's, which is kept within their company
    keys: dict[str, str]  # of what was brought before, by the beginning of the path

    def path(self, method: str, path: str) -> str:
        ids = {
            "/api/organizations": self.company,
            "/api/assist/machines": self.machine["id"],
            "/api/assist/sessions": self.assistance["id"],
            "/api/assist/templates": self.template["id"],
            "/api/assist/jobs": self.job["id"],
            "/api/schedule/events": self.event["id"],
            "/api/recordings": self.recording_id,
            "/api/livestreams": self.livestream_id,
            "/api/request-types": self.request["request"]["type"]["id"],
            "/api/calls": self.call["id"],
            "/api/requests": self.request["request"]["id"],
            "/api/announcements": self.announcement_id,
            "/api/officers/companies": self.company,
            "/api/officers/jobs": self.job["id"],
            "/api/patrols/jobs": self.job["id"],
            "/api/directory/organizations/{id}/c": self.job["installer"]["id"],
            "/api/directory/organizations": self.company,
            "/api/directory/certificates": self.certificate["id"],
            "/api/directory/crews": self.crew["id"],
            "/api/directory/needs": self.need["need"]["id"],
            "/api/policies": self.policy_id,
            "/api/webhooks": self.webhook_id,
            "/api/people": self.browsers[Who.HOST].account_id,
            "/api/symposiums": self.symposium["symposium"]["id"],
        }
        new_key = "key-of-machine" if "machines" in path else "key-of-mine"
        kept_before = method != "PUT" or path.endswith("/marks")
        filled = path.format(
            id=next((one for begin, one in ids.items() if path.startswith(begin)), self.meeting_id),
            code=self.assistance["code"] if path.startswith("/api/assist") else self.code,
            label=self.machine["label"],
            key=self.keys.get(path.partition("/{key}")[0] if kept_before else "", new_key),
            link_id="0" * 26,
            track_id="0" * 26,
            report_id="0" * 26,
            busy_id="0" * 26,
            finding_id="0" * 26,
            delivery_id="0" * 26,
            export_id="0" * 26,
            offer_id="0" * 26,
            registration_id="0" * 26,
            key_id="0" * 26,
            target_id="0" * 26,
            issue_id=self.symposium["issues"][0]["id"],
            run_key="run-00001",
            step_key="step-0001",
            occurrence_key="20000101T000000",
            account_id=self.browsers[Who.HOST].account_id,
        )
        return filled + QUERIES.get((method, path), "").replace("{machine}", self.machine["id"])

    async def ask(self, who: Who, method: str, path: str, body: object) -> Answer:
        if isinstance(body, bytes):
            filled = self.path(method, path)
            if who is Who.PROGRAM:
                return await self.browsers[who].ask(method, filled, headers=self.bearer, raw=body)
            return await self.browsers[who].send(method, filled, raw=body)
        if isinstance(body, dict):
            words: dict[str, object] = {
                "{host}": [self.browsers[Who.HOST].account_id],
                "{hosts}": [{"account_id": self.browsers[Who.HOST].account_id, "role": "host"}],
                "{boss}": self.browsers[Who.BOSS].account_id,
                "{call_about}": {"kind": "machine", "id": self.machine["id"]},
                "{request_type}": self.request["request"]["type"]["id"],
                "{definition}": self.request["definition"],
                "{requests}": [self.request["request"]["id"]],
                "{machine}": self.machine["id"],
                "{installer}": self.job["installer"]["id"],
                "{company}": self.company,
                "{own_people}": own_people(self.company),
                "{who}": f"{who}@y.example",
                "{nobody}": ["0" * 26],
                "{chief}": self.browsers[Who.PARK].account_id,
                "{push}": f"https://push.example.com/{who}",
            }
            body = {key: words.get(str(value), value) for key, value in body.items()}
        if who is Who.PROGRAM:
            return await self.browsers[who].ask(method, self.path(method, path), body, headers=self.bearer)
        return await self.browsers[who].send(method, self.path(method, path), body)


def own_people(company: str) -> Json:
    return {"scope": "organizations", "organization_ids": [company]}


async def announced(boss: Browser, company: str) -> str:
    """To its own people, with a file."""
    body = {"organization_id": company, "title": "Water", "text": "Off.", "audience": own_people(company)}
    announcement = (await boss.post("/api/announcements", body)).json
    path = f"/api/announcements/{announcement['id']}"
    assert (await boss.send("PUT", f"{path}/files/first-file", raw=PDF)).status == 200
    assert (await boss.post(f"{path}/publish", {"revision": 1})).status == 200
    return str(announcement["id"])


async def brought(host: Browser, session_id: str) -> dict[str, str]:
    """Something of each kind in the session: its key, by the beginning of the path."""
    kept = {}
    for kind, body in (("stills", PNG), ("documents", PDF), ("keyframes", KEYFRAME)):
        query = "?title=Manual" if kind == "documents" else ""
        path = f"/api/assist/sessions/{session_id}/{kind}/first-{kind}{query}"
        answer = await host.send("PUT", path, raw=body)
        assert answer.status == 200, answer
        kept[f"/api/assist/{kind}"] = f"first-{kind}"
    kept["/api/assist/sessions/{id}/stills"] = "first-stills"
    kept["/api/assist/items"] = "first-item"
    answer = await host.send("PUT", f"/api/assist/sessions/{session_id}/items/first-item", {"text": "Look again"})
    assert answer.status == 200, answer
    return kept


async def make_cast(park: Park, admin: Browser) -> Cast:
    company, other = await park.organization(admin, "Laser Works"), await park.organization(admin, "Robots")
    host = await park.member(admin, company, "Host")
    meeting = await host.meeting()
    token = (await host.post(f"/api/rooms/{meeting['code']}/tokens", {"publish": True})).json["token"]
    machine = (await host.post("/api/assist/machines", {"make": "Han", "model": "L-20"})).json
    assistance = (await host.post("/api/assist/sessions", {"machine_id": machine["id"]})).json
    template = (await host.post("/api/assist/templates", {"title": "Commission", "steps": [STEP]})).json
    installer = await park.organization(admin, "Fitters", "installer")
    wish = {"machine_id": machine["id"], "installer_id": installer, "title": "Set up"}
    job = (await host.post("/api/assist/jobs", wish)).json["job"]
    keys = await brought(host, assistance["id"])
    boss = await park.member(admin, company, "Boss", "administrator")
    wish = {"title": "Weekly", "starts": "2026-11-24T10:00", "zone": "Asia/Shanghai", "minutes": 60}
    invitees = [{"account_id": boss.account_id}]
    event = (await host.post("/api/schedule/events", {**wish, "invitees": invitees})).json
    request = await filed(host, "policy_question", QUESTION)
    about = {"kind": "machine", "id": machine["id"]}
    call = (await host.post("/api/calls", {"about": about, "to": boss.account_id})).json
    assert (await host.post(f"/api/calls/{call['id']}/cancel")).status == 200
    pages = f"/api/directory/organizations/{installer}"
    certificate = (await admin.post(f"{pages}/certificates", CERTIFICATE)).json
    crew = (await admin.post(f"{pages}/crews", CREW)).json
    need = (await host.post("/api/directory/needs", {**NEED, "machine_id": machine["id"]})).json
    need = (await host.post(f"/api/directory/needs/{need['need']['id']}/moves", {"action": "publish"})).json
    policy_id = (await admin.post("/api/policies", POLICY)).json["policy"]["id"]
    assert (await admin.post(f"/api/policies/{policy_id}/moves", {"action": "publish"})).status == 200
    symposium = (await admin.post("/api/symposiums", SYMPOSIUM)).json
    raised = {**ISSUE, "publish": "no"}
    symposium = (await host.post(f"/api/symposiums/{symposium['symposium']['id']}/issues", raised)).json
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    officer = await park.member(admin, park_id, "Officer", "officer")
    named = await admin.send("PUT", f"/api/officers/companies/{company}", {"account_id": officer.account_id})
    assert named.status == 200, named
    browsers = {
        Who.STRANGER: park.browser(),
        Who.PROGRAM: park.browser(),
        Who.MEMBER: await park.member(admin, other, "Member"),
        Who.HOST: host,
        Who.COLLEAGUE: await park.member(admin, company, "Colleague"),
        Who.OFFICER: officer,
        Who.BOSS: boss,
        Who.RIVAL: await park.member(admin, other, "Rival", "administrator"),
        Who.PARK: admin,
    }
    return Cast(
        browsers,
        {"Authorization": f"Bearer {token}"},
        company,
        meeting["id"],
        meeting["code"],
        machine,
        assistance,
        template,
        job,
        event,
        await recorded(park, meeting["id"]),
        (await livestream(host))["id"],
        request,
        call,
        certificate,
        crew,
        need,
        await announced(boss, company),
        policy_id,
        (await boss.post("/api/webhooks", {**WEBHOOK, "organization_id": company})).json["webhook"]["id"],
        symposium,
        {**keys, "/api/announcements/{id}/files": "first-file"},
    )
