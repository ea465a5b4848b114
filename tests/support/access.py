"""Who asks, by their relation to what they ask for: for the table of endpoints (tests/contract/api/test_access.py).

The table says what the first seven may. Two more stand in relations that are like one of theirs, endpoint by endpoint:
the colleague sees what is the company's and nothing that is the host's own, the officer does the park's daily work and
nothing that is its administrator's. What they hear that neither of these would is listed here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Who(StrEnum):
    STRANGER = "stranger"  # no account
    PROGRAM = "program"  # a token for the host's room
    MEMBER = "member"  # of another organization
    HOST = "host"  # made the meeting; plain member of the company
    COLLEAGUE = "colleague"  # plain member of the host's organization
    BOSS = "boss"  # administers the host's organization
    RIVAL = "rival"  # administers another organization
    PARK = "park"  # administers the park
    OFFICER = "officer"  # of the park, and the service officer of the host's organization


ALL = frozenset(Who)
MEMBERS = ALL - {Who.STRANGER, Who.PROGRAM}
MANAGERS = frozenset({Who.HOST, Who.BOSS, Who.PARK})
COMPANY = frozenset({Who.BOSS, Who.PARK})
PARK = frozenset({Who.PARK})
ADMINISTRATORS = frozenset({Who.BOSS, Who.RIVAL, Who.PARK})
ON_SITE = frozenset({Who.HOST, Who.BOSS})  # of the session; the park observes it
COLLEAGUES = ON_SITE  # the same two, where it is about the host's diary
SELF = frozenset({Who.HOST, Who.PARK})  # the host and, for the host, an administrator of the park
DESK = PARK  # officers and administrators of the park; of those here the one administrator

# What belongs to the company, not to the one of its people who made it.
OF_THE_COMPANY: Final = (
    "/api/assist/",
    "/api/organizations/{id}/attendance",
    "/api/schedule/free-busy",
    "/api/schedule/suggestions",
    "/api/requests/{id}",
    "/api/directory/",
    "/api/officers/jobs",
    "/api/patrols/jobs",
    "/api/announcements/{id}",
    "/api/symposiums/{id}/issues",
)
OF_COLLEAGUE: Final = {
    ("POST", "/api/assist/templates/{id}/versions"): "conflict",  # the host was first
    ("POST", "/api/assist/jobs/{id}/steps"): "wrong_state",  # the host has done it
    ("PATCH", "/api/directory/needs/{id}"): "conflict",
    ("POST", "/api/calls"): "conflict",  # the boss is being called
    ("GET", "/api/calls"): "",  # about the company's machine
    # a request of the company is seen, and is its requester's to change
    ("PATCH", "/api/requests/{id}"): "forbidden",
    ("DELETE", "/api/requests/{id}"): "forbidden",
    ("PUT", "/api/requests/{id}/files/{key}"): "forbidden",
    ("DELETE", "/api/requests/{id}/files/{key}"): "forbidden",
    ("PUT", "/api/requests/{id}/comments/{key}"): "forbidden",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/withdrawn"): "forbidden",
}

# What an officer of the park may no more than anybody of another company.
NOT_THE_OFFICERS: Final = (
    "/api/invitations",
    "/api/organizations",
    "/api/audit",
    "/api/people/{id}",
    "/api/webhooks",
    "/api/imports",
    "/api/meetings/{id}",
    "/api/rooms/{code}/tokens",
    "/api/request-types",
    "/api/requests/groups",
    "/api/requests/hours",
    "/api/schedule/events/{id}",
    "/api/health/accesses",
    "/api/livestreams/{id}",
    "/api/recordings/{id}",
    "/api/assist/templates/{id}",
    "/api/assist/sessions/{id}/links",
    "/api/assist/sessions/{id}/end",
    "/api/assist/machines/{id}/documents/{key}",
)
OF_OFFICER: Final = {
    ("PATCH", "/api/assist/machines/{id}"): "forbidden",  # seen, and its company's to change
    ("PATCH", "/api/assist/sessions/{id}"): "forbidden",
    ("POST", "/api/assist/jobs"): "forbidden",
    ("DELETE", "/api/assist/documents/{key}"): "forbidden",
    ("GET", "/api/directory/organizations/{id}/people"): "",  # of a company that they look after
    ("DELETE", "/api/directory/certificates/{id}"): "not_found",  # the administrator was first
    ("DELETE", "/api/directory/crews/{id}"): "not_found",
    ("PUT", "/api/officers/companies/{id}"): "forbidden",  # the administrator names officers
    ("POST", "/api/officers/covers"): "",  # the administrator stands in
    ("PUT", "/api/policies/{id}"): "conflict",
    ("POST", "/api/policies/{id}/moves"): "wrong_state",
    ("PUT", "/api/symposiums/{id}"): "conflict",
    ("PUT", "/api/symposiums/{id}/agenda"): "conflict",
    ("POST", "/api/symposiums/{id}/moves"): "wrong_state",
}


def stands_as(who: Who, method: str, path: str) -> tuple[Who, str | None]:
    """Like whom in the table, and the code that only they hear ("" = let in, None = as that one)."""
    if who is Who.COLLEAGUE:
        return Who.HOST if path.startswith(OF_THE_COMPANY) else Who.MEMBER, OF_COLLEAGUE.get((method, path))
    if who is Who.OFFICER:
        return Who.MEMBER if path.startswith(NOT_THE_OFFICERS) else Who.PARK, OF_OFFICER.get((method, path))
    return who, None
