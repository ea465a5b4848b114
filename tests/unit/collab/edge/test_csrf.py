"""The CSRF token belongs to one cookie and cannot be made without it."""

from __future__ import annotations

from collab.edge.csrf import csrf_matches, csrf_token


def test_it_matches_its_cookie_only() -> None:
    assert csrf_matches("cookie", csrf_token("cookie"))
    assert not csrf_matches("other", csrf_token("cookie"))
    assert not csrf_matches("cookie", "")
    assert not csrf_matches("", csrf_token(""))
    assert not csrf_matches("cookie", "кириллица \ud800")
    assert csrf_token("cookie") != "cookie"
