"""One HTTP request, synchronously: all that a load client asks of a server's control side."""

from __future__ import annotations

import http.client
from dataclasses import dataclass


class RefusedError(Exception):
    """The server answered with an error status; the text is its own."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.status = status


@dataclass(frozen=True)
class Reply:
    headers: dict[str, str]
    body: bytes


def ask(
    host: tuple[str, int],
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    timeout_s: float = 40.0,
) -> Reply:
    """Raises ConnectionError when nobody listens, RefusedError for a status of 400 and above."""
    connection = http.client.HTTPConnection(*host, timeout=timeout_s)
    try:
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RefusedError(answer.status, f"{method} {path}: {text[:500]!r}")
        return Reply({name.lower(): value for name, value in answer.getheaders()}, text)
    finally:
        connection.close()
