"""What each may ask of the desk: calendar, requests, calls, directory, officers, notices, health.

(method, path) -> who gets in, and a body that is fine for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.support.access import COLLEAGUES, COMPANY, DESK, MANAGERS, MEMBERS, ON_SITE, PARK, Who
from tests.support.assist import PDF, PNG

CERTIFICATE = {"trade": "laser", "title": "Laser safety", "valid_from": "2020-01-01", "valid_until": "2999-12-31"}
CREW = {"name": "Crew 1", "size": 3, "region": "HB", "trades": ["laser"], "languages": ["zh"]}
NEED = {"title": "Set up", "region": "HB", "trades": ["laser"], "starts_on": "2990-03-01", "ends_on": "2990-03-05"}
RISK = {"address": "武汉市洪山区", "level": "high", "source": "Health office", "starts_on": "2990-01-01"}
SYMPOSIUM = {"title": "Symposium", "starts_at_ms": 4_102_444_800_000, "collects_until_ms": 4_102_441_200_000}
ISSUE = {"title": "Dock", "area": "logistics", "problem": "Lorries wait.", "wish": "A second dock."}
POLICY = {"title_zh": "政策", "title_en": "Policy", "summary_zh": "摘要", "summary_en": "Summary"}

ROWS: Final[Mapping[tuple[str, str], tuple[frozenset[Who], object]]] = {
    ("GET", "/api/schedule/occurrences"): (MEMBERS, None),
    ("POST", "/api/schedule/events"): (
        MEMBERS,
        {"title": "New", "starts": "2026-11-24T10:00", "zone": "Asia/Shanghai", "minutes": 30},
    ),
    ("GET", "/api/schedule/events/{id}"): (MANAGERS, None),
    # the second to change or cancel it is told that there is a newer one
    ("PATCH", "/api/schedule/events/{id}"): (frozenset({Who.HOST}), {"sequence": 0, "title": "Changed"}),
    ("POST", "/api/schedule/events/{id}/answer"): (frozenset({Who.BOSS}), {"answer": "accepted"}),
    ("POST", "/api/schedule/events/{id}/cancel"): (frozenset({Who.HOST}), {"sequence": 1}),
    ("GET", "/api/schedule/events/{id}/records/{occurrence_key}"): (frozenset(), None),
    ("PUT", "/api/schedule/events/{id}/records/{occurrence_key}"): (frozenset(), {"version": 0, "text": "x"}),
    ("POST", "/api/schedule/events/{id}/records/{occurrence_key}/items"): (frozenset(), {"text": "x"}),
    ("PATCH", "/api/schedule/items/{id}"): (frozenset(), {"done": True}),
    ("GET", "/api/organizations/{id}/attendance"): (MANAGERS, None),
    ("PUT", "/api/organizations/{id}/attendance"): (COMPANY, {"attendance": False}),
    ("GET", "/api/schedule/replies"): (frozenset(), None),
    ("POST", "/api/schedule/replies"): (frozenset(), {"token": "0" * 20, "answer": "accepted"}),
    ("POST", "/api/schedule/feed"): (MEMBERS, None),
    ("DELETE", "/api/schedule/feed"): (MEMBERS, None),
    ("GET", "/api/feeds/{key}.ics"): (frozenset(), None),
    ("GET", "/api/schedule/me"): (MEMBERS, None),
    ("PUT", "/api/schedule/me"): (MEMBERS, {"zone": "Asia/Shanghai"}),
    ("GET", "/api/schedule/people"): (MEMBERS, None),
    ("POST", "/api/schedule/free-busy"): (COLLEAGUES, {"account_ids": "{host}", "from_ms": 1, "to_ms": 2}),
    ("POST", "/api/schedule/suggestions"): (
        COLLEAGUES,
        {"account_ids": "{host}", "from_ms": 1, "to_ms": 2, "zone": "Asia/Shanghai", "minutes": 30},
    ),
    ("GET", "/api/request-types"): (MEMBERS, None),
    ("POST", "/api/request-types"): (PARK, {"key": "parking", "definition": "{definition}"}),
    ("POST", "/api/request-types/preview"): (PARK, {"definition": "{definition}"}),
    ("GET", "/api/request-types/{id}"): (MEMBERS, None),
    ("PATCH", "/api/request-types/{id}"): (PARK, {"retired": False}),
    ("PUT", "/api/request-types/{id}/draft"): (PARK, {"revision": 1, "definition": "{definition}"}),
    ("POST", "/api/request-types/{id}/versions"): (PARK, {"revision": 2}),
    ("GET", "/api/request-types/{id}/versions"): (PARK, None),
    ("GET", "/api/request-types/{id}/definition"): (PARK, None),
    ("GET", "/api/requests/groups"): (PARK, None),
    ("PUT", "/api/requests/groups"): (PARK, {"key": "safety", "name_zh": "安全", "name_en": "Safety"}),
    ("DELETE", "/api/requests/groups"): (PARK, {"key": "safety"}),
    ("GET", "/api/requests/hours"): (MEMBERS, None),
    ("PUT", "/api/requests/hours"): (PARK, {"hours": {}, "revision": 0}),
    ("GET", "/api/requests"): (MEMBERS, None),
    ("POST", "/api/requests"): (MEMBERS, {"type_id": "{request_type}"}),
    ("GET", "/api/requests/staff"): (DESK, None),
    ("PUT", "/api/requests/batches/{key}"): (DESK, {"action": "take", "request_ids": "{requests}"}),
    ("GET", "/api/requests/batches/{key}"): (DESK, None),
    ("GET", "/api/requests/board"): (DESK, None),
    ("GET", "/api/requests/statistics"): (DESK, None),
    ("GET", "/api/requests/export.csv"): (MEMBERS, None),  # of what one works on: nothing
    ("GET", "/api/requests/export.xlsx"): (MEMBERS, None),
    ("GET", "/api/requests/{id}"): (MANAGERS, None),
    ("GET", "/api/requests/{id}/print.pdf"): (MANAGERS, None),
    ("PATCH", "/api/requests/{id}"): (frozenset(), {"answers": {}}),
    ("DELETE", "/api/requests/{id}"): (frozenset(), None),
    ("POST", "/api/requests/{id}/moves"): (frozenset(), {"action": "accept"}),  # nothing was offered
    # the key is the first one's own
    ("PUT", "/api/requests/{id}/files/{key}"): (frozenset({Who.HOST}), PDF),
    ("GET", "/api/requests/{id}/files/{key}"): (MANAGERS, None),
    ("DELETE", "/api/requests/{id}/files/{key}"): (frozenset(), None),
    ("PUT", "/api/requests/{id}/comments/{key}"): (frozenset({Who.HOST}), {"text": "And?"}),
    ("PUT", "/api/requests/{id}/checks"): (frozenset(), {"document_id": "licence", "accepted": True}),
    # the first of those who may call the boss does; then the boss's telephone rings
    ("POST", "/api/calls"): (frozenset({Who.HOST}), {"about": "{call_about}", "to": "{boss}"}),
    ("GET", "/api/calls"): (MANAGERS, None),
    ("GET", "/api/calls/people"): (MEMBERS, None),
    ("GET", "/api/calls/ringing"): (MEMBERS, None),
    ("GET", "/api/calls/{id}"): (ON_SITE, None),
    ("POST", "/api/calls/{id}/answer"): (frozenset(), {"accept": False}),
    ("POST", "/api/calls/{id}/cancel"): (frozenset(), None),
    ("PUT", "/api/calls/{id}/note"): (frozenset(), {"revision": 0, "text": "x"}),
    ("GET", "/api/calls/{id}/chat"): (frozenset(), None),  # nobody wrote anything
    ("POST", "/api/calls/{id}/files/{key}"): (frozenset(), None),  # it was given up: nobody shared anything
    ("GET", "/api/directory/organizations"): (MEMBERS, None),
    ("GET", "/api/directory/organizations/{id}"): (MEMBERS, None),
    # its own people, and its officer: it has none yet
    ("GET", "/api/directory/organizations/{id}/people"): (ON_SITE, None),
    # the second to write the first page is told that there is one
    ("PUT", "/api/directory/organizations/{id}"): (frozenset({Who.BOSS}), {"revision": 0, "summary_en": "Lasers"}),
    ("PUT", "/api/directory/organizations/{id}/logo"): (COMPANY, PNG),
    ("GET", "/api/directory/organizations/{id}/logo"): (MEMBERS, None),
    ("DELETE", "/api/directory/organizations/{id}/logo"): (COMPANY, None),
    # of an installer that nobody here belongs to
    ("POST", "/api/directory/organizations/{id}/certificates"): (PARK, CERTIFICATE),
    ("PATCH", "/api/directory/certificates/{id}"): (PARK, {"issuer": "Institute"}),
    ("PUT", "/api/directory/certificates/{id}/file"): (PARK, PDF),
    ("GET", "/api/directory/certificates/{id}/file"): (PARK, None),
    ("DELETE", "/api/directory/certificates/{id}"): (PARK, None),
    ("POST", "/api/directory/organizations/{id}/crews"): (PARK, CREW),
    ("PATCH", "/api/directory/crews/{id}"): (PARK, {"status": "available"}),
    ("POST", "/api/directory/crews/{id}/busy"): (PARK, {"starts_on": "2990-01-01", "ends_on": "2990-01-02"}),
    ("DELETE", "/api/directory/crews/{id}/busy/{busy_id}"): (frozenset(), None),
    ("DELETE", "/api/directory/crews/{id}"): (PARK, None),
    ("GET", "/api/directory/needs"): (MEMBERS, None),
    ("POST", "/api/directory/needs"): (MEMBERS, NEED),
    ("POST", "/api/directory/needs/plan"): (PARK, {}),
    ("GET", "/api/directory/needs/{id}"): (MANAGERS, None),
    ("PATCH", "/api/directory/needs/{id}"): (frozenset({Who.HOST}), {"revision": 2, "site": "Hall 3"}),
    ("POST", "/api/directory/needs/{id}/moves"): (frozenset(), {"action": "reopen"}),
    ("GET", "/api/directory/needs/{id}/candidates"): (MANAGERS, None),
    ("POST", "/api/directory/needs/{id}/invitations"): (frozenset(), {"crew_ids": "{nobody}"}),
    ("POST", "/api/directory/needs/{id}/offers/{offer_id}/moves"): (frozenset(), {"action": "accept"}),
    ("GET", "/api/officers/companies"): (PARK, None),
    ("GET", "/api/officers/companies/{id}"): (PARK, None),
    ("PUT", "/api/officers/companies/{id}"): (PARK, {"account_id": "{chief}"}),
    ("POST", "/api/officers/companies/{id}/moves"): (frozenset(), {"action": "accepted"}),
    ("GET", "/api/officers/covers"): (PARK, None),
    ("POST", "/api/officers/covers"): (
        frozenset(),
        {"cover_id": "{chief}", "starts_on": "2990-01-01", "ends_on": "2990-01-02"},
    ),
    ("DELETE", "/api/officers/covers/{id}"): (frozenset(), None),
    ("GET", "/api/officers/board"): (PARK, None),
    ("GET", "/api/officers/jobs/{id}/milestones"): (MANAGERS, None),
    ("PUT", "/api/officers/jobs/{id}/milestones"): (frozenset(), {"milestone": "arrived", "done": True}),
    ("GET", "/api/patrols/checks"): (PARK, None),
    ("GET", "/api/patrols/jobs/{id}/checks"): (MANAGERS, None),
    ("POST", "/api/patrols/jobs/{id}/checks"): (frozenset(), {"kind": "visit", "items": ["Fence"]}),
    # a check that there is not: who sees what of one is tested by the service
    ("GET", "/api/patrols/checks/{id}"): (frozenset(), None),
    ("PATCH", "/api/patrols/checks/{id}"): (frozenset(), {"items": []}),
    ("PUT", "/api/patrols/checks/{id}/photos/{key}"): (frozenset(), PNG),
    ("GET", "/api/patrols/checks/{id}/photos/{key}"): (frozenset(), None),
    ("POST", "/api/patrols/checks/{id}/findings"): (frozenset(), {"text": "No fence", "due_on": "2990-01-01"}),
    ("POST", "/api/patrols/checks/{id}/findings/{finding_id}/moves"): (frozenset(), {"action": "close"}),
    ("GET", "/api/announcements"): (MEMBERS, None),
    ("POST", "/api/announcements"): (
        frozenset({Who.BOSS}),
        {"organization_id": "{company}", "title": "Water", "text": "Off.", "audience": "{own_people}"},
    ),
    ("GET", "/api/announcements/written"): (MEMBERS, None),
    ("POST", "/api/announcements/reach"): (
        frozenset({Who.BOSS}),
        {"organization_id": "{company}", "audience": "{own_people}"},
    ),
    # what the boss announced to the company's people: not the park's affair
    ("GET", "/api/announcements/{id}"): (ON_SITE, None),
    ("PUT", "/api/announcements/{id}"): (frozenset(), {"revision": 3, "title": "Gas", "audience": "{own_people}"}),
    ("DELETE", "/api/announcements/{id}"): (frozenset(), None),
    ("POST", "/api/announcements/{id}/publish"): (frozenset(), {"revision": 3}),
    ("POST", "/api/announcements/{id}/unschedule"): (frozenset(), {"revision": 3}),
    ("GET", "/api/announcements/{id}/versions"): (frozenset({Who.BOSS}), None),
    ("POST", "/api/announcements/{id}/versions"): (
        frozenset({Who.BOSS}),
        {"revision": 3, "title": "Water", "text": "On."},
    ),
    ("POST", "/api/announcements/{id}/read"): (ON_SITE, {"version": 1}),
    ("GET", "/api/announcements/{id}/receipts"): (frozenset({Who.BOSS}), None),
    ("POST", "/api/announcements/{id}/reminders"): (frozenset(), None),
    ("PUT", "/api/announcements/{id}/files/{key}"): (frozenset(), PDF),
    ("GET", "/api/announcements/{id}/files/{key}"): (ON_SITE, None),
    ("DELETE", "/api/announcements/{id}/files/{key}"): (frozenset(), None),
    ("POST", "/api/announcements/{id}/withdraw"): (frozenset({Who.BOSS}), {"revision": 4}),
    ("GET", "/api/policies"): (MEMBERS, None),
    ("POST", "/api/policies"): (PARK, {"title_en": "New"}),
    ("GET", "/api/policies/{id}"): (MEMBERS, None),
    ("PUT", "/api/policies/{id}"): (PARK, {**POLICY, "revision": 2}),
    ("GET", "/api/policies/{id}/companies"): (PARK, None),
    ("POST", "/api/policies/{id}/requests"): (MEMBERS, {"kind": "question", "key": "key-of-policy"}),
    ("POST", "/api/policies/{id}/moves"): (PARK, {"action": "withdraw"}),
    ("GET", "/api/symposiums"): (MEMBERS, None),
    ("POST", "/api/symposiums"): (PARK, SYMPOSIUM),
    ("GET", "/api/symposiums/{id}"): (MEMBERS, None),
    ("PUT", "/api/symposiums/{id}"): (PARK, {**SYMPOSIUM, "revision": 1}),
    ("PUT", "/api/symposiums/{id}/agenda"): (PARK, {"revision": 2, "issue_ids": []}),
    # each works on one that is live
    ("PUT", "/api/symposiums/{id}/current"): (frozenset(), {"revision": 3}),
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/decision"): (frozenset(), {"decision": "Yes."}),
    ("POST", "/api/symposiums/{id}/issues"): (MEMBERS, ISSUE),
    # the issue is the host's, who keeps it within their company
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/vote"): (MANAGERS, {"up": True}),
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/withdrawn"): (ON_SITE, {"withdrawn": False}),
    ("POST", "/api/symposiums/{id}/moves"): (PARK, {"action": "cancel"}),
    ("GET", "/api/home"): (MEMBERS, None),
    # administrators name the health group; of those here nobody is in it
    ("GET", "/api/health/places"): (frozenset(), None),
    ("POST", "/api/health/places"): (frozenset(), RISK),
    ("GET", "/api/health/places/{id}"): (frozenset(), None),
    ("PATCH", "/api/health/places/{id}"): (frozenset(), {"revision": 1, "level": "low"}),
    ("GET", "/api/health/places/{id}/people"): (frozenset(), None),
    ("POST", "/api/health/places/{id}/notify"): (frozenset(), {}),
    ("GET", "/api/health/concerns/{id}"): (frozenset(), None),
    ("POST", "/api/health/concerns/{id}/moves"): (frozenset(), {"revision": 0, "action": "contact"}),
    ("GET", "/api/health/mine"): (MEMBERS, None),
    ("GET", "/api/health/accesses"): (PARK, None),
    ("GET", "/api/notices"): (MEMBERS, None),
    ("POST", "/api/notices/read"): (MEMBERS, {"ids": []}),
    ("POST", "/api/notices/unread"): (MEMBERS, {"ids": ["0" * 26]}),
    ("GET", "/api/me/notice-settings"): (MEMBERS, None),
    ("PUT", "/api/me/notice-settings"): (
        MEMBERS,
        {"kinds": [], "quiet": None, "digest_minute": 480, "time_zone": "Asia/Shanghai"},
    ),
    ("POST", "/api/me/push-subscriptions"): (
        MEMBERS,
        {"endpoint": "{push}", "p256dh": "B" * 87, "auth": "a" * 22},
    ),
    ("DELETE", "/api/me/push-subscriptions"): (MEMBERS, {"endpoint": "{push}"}),
}
