"""Whatever goes wrong, the client gets a closed code and the log gets the cause."""

from __future__ import annotations

import json
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.exc import TimeoutError as PoolTimeout

from collab.edge.guard import guard, security_headers
from collab.problems import _TITLES, STATUS, FieldFault, Refusal, problem_document
from rooms.core.codes import Code
from rooms.ports import StoreUnavailable

SECRET = "the cause, for the log only"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refusal(Code.FORBIDDEN, SECRET), 403, "forbidden"),
        (Refusal(Code.RATE_LIMITED, SECRET, retry_after_ms=1_500), 429, "rate_limited"),
        (Refusal(Code.INVALID, SECRET, fields={"name": FieldFault.REQUIRED}), 422, "invalid"),
        (Refusal(Code.UNAUTHENTICATED, SECRET), 401, "unauthenticated"),
        (StoreUnavailable(SECRET), 503, "unavailable"),
        (PoolTimeout(SECRET), 503, "unavailable"),
        (ConnectionRefusedError(SECRET), 503, "unavailable"),
        (RuntimeError(SECRET), 500, "internal"),
        (KeyError(SECRET), 500, "internal"),
        (web.HTTPNotFound(text=SECRET), 404, "not_found"),
        (web.HTTPUnsupportedMediaType(text=SECRET), 415, "bad_message"),
        (web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2), 413, "too_large"),
    ],
)
async def test_errors_become_problem_documents(error: Exception, status: int, code: str) -> None:
    async def fail(_request: web.Request) -> web.Response:
        raise error

    app = web.Application(middlewares=[guard])
    app.on_response_prepare.append(security_headers(strict_transport=False))
    app.router.add_get("/fail", fail)
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/fail")
        body = await response.text()
    document = json.loads(body)
    assert (response.status, document["status"], document["code"]) == (status, status, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert SECRET not in body
    assert ("Retry-After" in response.headers) == (document["retry_after_ms"] > 0)
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    if isinstance(error, Refusal):
        assert document["fields"] == {name: fault.value for name, fault in error.fields.items()}


async def test_a_wrong_method_is_told_the_right_ones() -> None:
    async def fine(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application(middlewares=[guard])
    app.router.add_get("/thing", fine)
    async with TestClient(TestServer(app)) as client:
        response = await client.post("/thing")
        assert (response.status, response.headers["Allow"]) == (405, "GET,HEAD")
        assert (await response.json(content_type=None))["code"] == "bad_message"


def test_every_code_has_a_status_and_every_status_a_title() -> None:
    assert set(STATUS) == set(Code)
    for code in Code:
        document = problem_document(code)
        assert document.title == _TITLES[document.status]
        assert re.fullmatch(r"[A-Z][\w ]+", document.title)
