"""API tokens: they open what their scopes say, never more than their account may, and nothing once they are over."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from collab.app import ENDPOINTS
from collab.tokens.models import TOKENS_MAX, ApiTokenRow
from collab.tokens.scopes import ANY_TOKEN, ApiScope, scope_of
from tests.support.api import Answer, Browser, Json, Park

ALL = [scope.value for scope in ApiScope]


async def made(by: Browser, scopes: list[str], days: int = 30) -> Json:
    answer = await by.post("/api/tokens", {"name": "Plant data", "scopes": scopes, "days": days})
    assert answer.status == 201, answer
    return answer.json


class Program:
    """Speaks with a token and without cookies, as no browser does."""

    def __init__(self, park: Park, secret: str) -> None:
        self._browser = park.browser()
        self._headers = {"Authorization": f"Bearer {secret}"}

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        return await self._browser.ask(method, path, body, headers=self._headers)


async def test_a_program_does_what_its_person_may_within_the_scopes(park: Park, admin: Browser) -> None:
    works = await park.organization(admin, "Laser Works")
    host, rival = await park.member(admin, works, "Host"), await park.member(admin, works, "Rival")
    token = await made(host, ["meetings:read", "meetings:write"])
    program = Program(park, token["secret"])
    assert (await program.ask("GET", "/api/me")).json["account"]["id"] == host.account_id
    meeting = await program.ask("POST", "/api/meetings", {"title": "By a program"})
    assert (meeting.status, meeting.json["host"]["id"]) == (201, host.account_id)
    others = await rival.meeting()
    assert (await program.ask("GET", f"/api/meetings/{others['id']}")).code == "forbidden"  # as for its person
    assert (await program.ask("GET", "/api/requests")).code == "forbidden"
    reader = Program(park, (await made(host, ["meetings:read"]))["secret"])
    assert (await reader.ask("GET", f"/api/meetings/{meeting.json['id']}")).status == 200
    assert (await reader.ask("DELETE", f"/api/meetings/{meeting.json['id']}")).code == "forbidden"
    everything = Program(park, (await made(host, ALL))["secret"])
    assert (await everything.ask("GET", "/api/organizations")).code == "forbidden"  # for the park's administrators
    chief = Program(park, (await made(admin, ["administration:read"]))["secret"])
    assert (await chief.ask("GET", "/api/organizations")).status == 200
    (line, *_) = (await admin.get(f"/api/audit?actor_id={admin.account_id}&action=audit_read")).json["events"] or [None]
    assert line is None
    assert (await chief.ask("GET", "/api/audit")).status == 200
    (line,) = (await admin.get("/api/audit?action=audit_read&limit=1")).json["events"]
    assert (line["way"], line["actor_id"]) == ("token", admin.account_id)


async def test_no_endpoint_opens_without_its_scope_and_some_never_do(park: Park, admin: Browser) -> None:
    everything = Program(park, (await made(admin, ALL))["secret"])
    wrong = []
    by_scope: dict[ApiScope, list[tuple[str, str]]] = {}
    for endpoint in park.app[ENDPOINTS]:
        row = endpoint.method, endpoint.path
        needed = scope_of(*row)
        if needed is not None:
            by_scope.setdefault(needed, []).append(row)
        elif row not in ANY_TOKEN:
            answer = await everything.ask(endpoint.method, filled(endpoint.path))
            if answer.code != "forbidden":
                wrong.append((row, answer))
    assert set(by_scope) == set(ApiScope)
    for scope, rows in by_scope.items():
        await park.forget_rates()
        token = await made(admin, [one for one in ALL if one != scope])
        program = Program(park, token["secret"])
        for method, path in rows:
            answer = await program.ask(method, filled(path))
            if answer.code != "forbidden":
                wrong.append(((method, path), answer))
        assert (await admin.send("DELETE", f"/api/tokens/{token['token']['id']}")).status == 204
    assert wrong == []


def filled(path: str) -> str:
    parts = {"code": "abc-defg-hij", "id": "0" * 26}
    return re.sub(r"\{(\w+)\}", lambda found: parts.get(found[1].rpartition("_")[2], "a" * 10), path)


def test_what_leads_to_passwords_roles_or_more_tokens_is_closed() -> None:
    for row in (
        ("PATCH", "/api/me"),
        ("POST", "/api/sign-out-everywhere"),
        ("POST", "/api/invitations"),
        ("PUT", "/api/organizations/{id}/members/{account_id}"),
        ("GET", "/api/organizations/{id}/members"),
        ("POST", "/api/tokens"),
        ("DELETE", "/api/tokens/{id}"),
        ("POST", "/api/rooms/{code}/tokens"),
        ("POST", "/api/recordings/{id}/share"),
        ("POST", "/api/schedule/feed"),
        ("POST", "/api/livestreams/{id}/stage-ticket"),
        ("GET", "/api/meetings-of-tomorrow"),  # the beginning of a path is whole parts of it
    ):
        assert scope_of(*row) is None, row


async def test_a_token_ends_when_it_is_revoked_expires_or_its_account_is_shut(park: Park, admin: Browser) -> None:
    works = await park.organization(admin, "Laser Works")
    host, rival = await park.member(admin, works, "Host"), await park.member(admin, works, "Rival", "administrator")
    kept, gone = await made(host, ["meetings:read"]), await made(host, ["meetings:read"])
    program = Program(park, gone["secret"])
    assert (await program.ask("GET", "/api/meetings")).status == 200
    path = f"/api/tokens/{gone['token']['id']}"
    assert (await rival.send("DELETE", path)).code == "not_found"
    assert (await host.send("DELETE", path)).status == 204
    assert (await program.ask("GET", "/api/meetings")).code == "unauthenticated"
    assert (await host.send("DELETE", path)).code == "not_found"
    assert [one["id"] for one in (await host.get("/api/tokens")).json["tokens"]] == [kept["token"]["id"]]
    assert (await rival.get("/api/tokens")).json["tokens"] == []
    still = Program(park, kept["secret"])
    async with park.database.write() as session:
        await session.execute(update(ApiTokenRow).values(expires_at_ms=1))
    assert (await still.ask("GET", "/api/meetings")).code == "unauthenticated"
    of_rival = await made(rival, ["meetings:read"])
    assert (await admin.send("DELETE", f"/api/tokens/{of_rival['token']['id']}")).status == 204  # by the park's
    actions = {line["action"] for line in (await admin.get("/api/audit?limit=200")).json["events"]}
    assert {"token_made", "token_revoked"} <= actions


async def test_secrets_are_not_kept_and_their_number_is_bounded(park: Park, admin: Browser) -> None:
    first = await made(admin, ["meetings:read"])
    await Program(park, first["secret"]).ask("GET", "/api/meetings")
    (listed,) = (await admin.get("/api/tokens")).json["tokens"]
    assert "secret" not in listed
    assert (listed["used_from"], listed["used_at_ms"] > 0) == ("127.0.0.1", True)
    async with park.database.read() as session:
        row = await session.scalar(select(ApiTokenRow))
        assert row is not None
        assert first["secret"] not in str(vars(row))
    for _ in range(TOKENS_MAX - 1):
        await made(admin, ["meetings:read"])
    refused = await admin.post("/api/tokens", {"name": "One more", "scopes": ["meetings:read"]})
    assert refused.code == "too_many"
    odd: list[Json] = [{"scopes": []}, {"scopes": ["everything"]}, {"scopes": ["meetings:read"], "days": 367}]
    for body in odd:
        assert (await admin.post("/api/tokens", {"name": "Odd", **body})).code == "invalid"
    for secret in ("txa_", "txa_" + "x" * 500, first["secret"] + "x", first["secret"][:-1]):
        assert (await Program(park, secret).ask("GET", "/api/meetings")).code == "unauthenticated"
