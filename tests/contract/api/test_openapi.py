"""The API's own description is valid, whole, and true of what the server answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate

from collab.app import ENDPOINTS
from rooms.core.codes import Code
from tests.suite import ROOT
from tests.support.api import Browser, Park
from tests.support.databases import SqliteDatabases


@pytest.fixture
def database_url(sqlite_databases: SqliteDatabases) -> str:
    """The description is the same for both databases."""
    return sqlite_databases.url()


def schema_of(document: dict[str, Any], method: str, path: str, status: int) -> dict[str, Any]:
    response = document["paths"][path][method.lower()]["responses"][str(status)]
    (content,) = response["content"].values()
    return {**content["schema"], "components": document["components"]}


async def test_the_document_is_valid_openapi(park: Park) -> None:
    document = (await park.browser().get("/api/openapi.json")).json
    assert document["openapi"] == "3.1.0"
    validate(document)


async def test_it_has_every_endpoint_and_what_it_says_is_what_comes(park: Park, admin: Browser) -> None:
    document = (await admin.get("/api/openapi.json")).json
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(one.method, one.path) for one in park.app[ENDPOINTS]}
    meeting = await admin.meeting()
    company = await park.organization(admin, "Laser Works")
    member = await park.member(admin, company, "Wang")
    stranger = park.browser()
    calls = [
        (admin, "GET", "/api/me", None),
        (stranger, "GET", "/api/me", None),
        (admin, "PATCH", "/api/me", {"locale": "en"}),
        (stranger, "POST", "/api/sign-in", {"email": "lin@park.example", "password": "wrong"}),
        (admin, "GET", "/api/organizations", None),
        (admin, "POST", "/api/organizations", {"name": "", "kind": "x"}),
        (admin, "GET", "/api/organizations/{id}/members", None),
        (admin, "GET", "/api/meetings", None),
        (admin, "POST", "/api/meetings", {"title": "New"}),
        (member, "GET", "/api/meetings/{id}", None),
        (admin, "GET", "/api/meetings/{id}", None),
        (admin, "GET", "/api/rooms/{code}", None),
        (stranger, "GET", "/api/rooms/{code}", None),
        (stranger, "POST", "/api/rooms/{code}/guests", {"name": "G"}),
        (stranger, "POST", "/api/rooms/{code}/tokens", {"publish": True}),
        (admin, "POST", "/api/rooms/{code}/tokens", {"publish": True}),
        (stranger, "GET", "/api/doctor", None),
    ]
    for browser, method, path, body in calls:
        identifier = company if "organizations" in path else meeting["id"]
        answer = await browser.send(method, path.format(id=identifier, code=meeting["code"]), body)
        problems = list(Draft202012Validator(schema_of(document, method, path, answer.status)).iter_errors(answer.json))
        assert problems == [], (method, path, answer)


async def test_refusals_are_named(park: Park) -> None:
    document = (await park.browser().get("/api/openapi.json")).json
    codes = document["components"]["schemas"]["Code"]["enum"]
    assert sorted(codes) == sorted(Code)
    sign_in = document["paths"]["/api/sign-in"]["post"]["responses"]
    assert "rate_limited" in sign_in["429"]["description"]
    assert "unauthenticated" in sign_in["401"]["description"]


async def test_the_page_to_read_it_needs_nothing_from_elsewhere(park: Park) -> None:
    page = await park.browser().get("/api/docs")
    text = page.body.decode()
    assert page.status == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script" not in text
    assert "style=" not in text
    assert re.findall(r'(?:href|src)="([^"]+)"', text) == ["/favicon.svg", "/api/docs.css", "/api/openapi.json"]
    for endpoint in park.app[ENDPOINTS]:
        assert f"<code>{endpoint.path}</code>" in text
    assert (await park.browser().get("/api/docs.css")).headers["Content-Type"].startswith("text/css")


def test_the_written_document_names_every_endpoint() -> None:
    from tests.contract.api.test_access import ROWS

    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    missing = [path for _, path in ROWS if path not in text]
    assert missing == []
