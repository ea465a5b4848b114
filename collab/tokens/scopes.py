"""What a token may be used for: which endpoint needs which scope.  Pure.

A token never reaches further than its account does; a scope only narrows that.  What is not listed here no token
opens: signing in, passwords, invitations, roles, tokens themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ApiScope(StrEnum):
    """`read` is for GET, `write` for all else; neither includes the other."""

    MEETINGS_READ = "meetings:read"
    MEETINGS_WRITE = "meetings:write"
    ASSIST_READ = "assist:read"
    ASSIST_WRITE = "assist:write"
    SCHEDULE_READ = "schedule:read"
    SCHEDULE_WRITE = "schedule:write"
    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    DIRECTORY_READ = "directory:read"
    DIRECTORY_WRITE = "directory:write"
    RECORDINGS_READ = "recordings:read"
    RECORDINGS_WRITE = "recordings:write"
    LIVESTREAMS_READ = "livestreams:read"
    LIVESTREAMS_WRITE = "livestreams:write"
    ADMINISTRATION_READ = "administration:read"
    ADMINISTRATION_WRITE = "administration:write"


ANY_TOKEN: Final = frozenset({("GET", "/api/me")})  # whose it is

# By the beginning of the path, whole parts of it.
_AREAS: Final[Mapping[str, str]] = {
    "/api/meetings": "meetings",
    "/api/rooms": "meetings",
    "/api/assist": "assist",
    "/api/schedule": "schedule",
    "/api/requests": "requests",
    "/api/request-types": "requests",
    "/api/directory": "directory",
    "/api/officers": "directory",
    "/api/patrols": "directory",
    "/api/recordings": "recordings",
    "/api/livestreams": "livestreams",
    "/api/audit": "administration",
    "/api/imports": "administration",
}
# An organization's own paths lead to people and their roles: only what lists and adds organizations is open.
_WHOLE: Final[Mapping[str, str]] = {"/api/organizations": "administration"}
# What makes tokens, links or guests of its own is not for a token: they would outlive it.
_CLOSED: Final = frozenset(
    {
        ("POST", "/api/rooms/{code}/guests"),
        ("POST", "/api/rooms/{code}/tokens"),
        ("POST", "/api/assist/links/open"),
        ("POST", "/api/assist/sessions/{id}/links"),
        ("POST", "/api/assist/sessions/{id}/links/{link_id}/reissue"),
        ("POST", "/api/recordings/{id}/share"),
        ("POST", "/api/schedule/feed"),
        ("POST", "/api/livestreams/{id}/stage-ticket"),
        ("POST", "/api/livestreams/{id}/restreams"),
        ("POST", "/api/livestreams/{id}/stream-keys"),
        ("POST", "/api/livestreams/{id}/stream-keys/{key_id}/renew"),
    }
)


def scope_of(method: str, path: str) -> ApiScope | None:
    """What the endpoint of this row needs; None: no token opens it."""
    if (method, path) in _CLOSED:
        return None
    area = _WHOLE.get(path) or next((area for begin, area in _AREAS.items() if f"{path}/".startswith(f"{begin}/")), "")
    return ApiScope(f"{area}:{'read' if method == 'GET' else 'write'}") if area else None


def opens(scopes: frozenset[ApiScope], method: str, path: str) -> bool:
    return (method, path) in ANY_TOKEN or scope_of(method, path) in scopes
