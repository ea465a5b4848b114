"""Every endpoint of the table, asked by everybody: nobody gets further than the table and the owner of the thing allow.

The expected outcome of each row is written down here by hand; a row that is added to the API without one fails.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from collab.app import ENDPOINTS
from collab.nameplates.reader import is_installed
from tests.support.access import (
    ADMINISTRATORS,
    ALL,
    COLLEAGUES,
    COMPANY,
    DESK,
    MANAGERS,
    MEMBERS,
    ON_SITE,
    PARK,
    SELF,
    Who,
    stands_as,
)
from tests.support.api import PASSWORD, Answer, Browser, Json, Park
from tests.support.assist import KEYFRAME, PDF, PNG, mark
from tests.support.desk import QUESTION, filed
from tests.support.livestream import VTT, livestream
from tests.support.recordings import recorded

STEP = {"id": "step-0001", "title": "Look"}
CERTIFICATE = {"trade": "laser", "title": "Laser safety", "valid_from": "2020-01-01", "valid_until": "2999-12-31"}
CREW = {"name": "Crew 1", "size": 3, "region": "HB", "trades": ["laser"], "languages": ["zh"]}
NEED = {"title": "Set up", "region": "HB", "trades": ["laser"], "starts_on": "2990-03-01", "ends_on": "2990-03-05"}
RISK = {"address": "武汉市洪山区", "level": "high", "source": "Health office", "starts_on": "2990-01-01"}
SYMPOSIUM = {"title": "Symposium", "starts_at_ms": 4_102_444_800_000, "collects_until_ms": 4_102_441_200_000}
ISSUE = {"title": "Dock", "area": "logistics", "problem": "Lorries wait.", "wish": "A second dock."}
POLICY = {"title_zh": "政策", "title_en": "Policy", "summary_zh": "摘要", "summary_en": "Summary"}
WEBHOOK = {"name": "ERP", "url": "https://erp.example/hook", "events": ["request.decided"]}

# (method, path) -> who gets in, and a body that is fine for those.
ROWS: dict[tuple[str, str], tuple[frozenset[Who], object]] = {
    ("GET", "/api/me"): (ALL, None),
    ("PATCH", "/api/me"): (MEMBERS, {"locale": "en"}),
    ("POST", "/api/setup"): (
        frozenset(),
        {"token": "x", "name": "x", "email": "x@y.zz", "password": PASSWORD, "organization": "x"},
    ),
    ("POST", "/api/sign-in"): (frozenset(), {"email": "{who}", "password": "wrong password"}),
    ("GET", "/api/oidc"): (ALL, None),
    ("POST", "/api/oidc/begin"): (frozenset(), {}),
    ("DELETE", "/api/oidc/identity"): (frozenset(), None),
    ("GET", "/api/oidc/callback"): (ALL, None),  # to the sign-in page, which says why
    ("POST", "/api/sign-out"): (MEMBERS, None),
    ("POST", "/api/sign-out-everywhere"): (MEMBERS, None),
    ("POST", "/api/invitations"): (
        COMPANY,
        {"email": "new@x.example", "name": "New", "organization_id": "{company}", "roles": ["member"]},
    ),
    ("GET", "/api/invitations"): (frozenset(), None),
    ("POST", "/api/invitations/accept"): (frozenset(), {"token": "x", "password": PASSWORD}),
    ("POST", "/api/password-forgotten"): (ALL, {"email": "{who}"}),
    ("POST", "/api/password-reset"): (frozenset(), {"token": "x", "password": PASSWORD}),
    ("GET", "/api/organizations"): (PARK, None),
    ("POST", "/api/organizations"): (PARK, {"name": "{who}", "kind": "enterprise"}),
    ("GET", "/api/organizations/{id}/members"): (COMPANY, None),
    ("PUT", "/api/organizations/{id}/members/{account_id}"): (COMPANY, {"roles": ["member"]}),
    ("GET", "/api/audit"): (ADMINISTRATORS, None),
    ("GET", "/api/tokens"): (MEMBERS, None),
    ("POST", "/api/tokens"): (MEMBERS, {"name": "Plant data", "scopes": ["meetings:read"]}),
    ("DELETE", "/api/tokens/{id}"): (frozenset(), None),
    ("GET", "/api/people/{id}/personal-data"): (SELF, None),
    ("POST", "/api/people/{id}/personal-data/exports"): (SELF, {"password": PASSWORD}),
    ("GET", "/api/people/{id}/personal-data/exports/{export_id}/file"): (frozenset(), None),
    ("POST", "/api/people/{id}/personal-data/erasure"): (frozenset(), {"password": "wrong password"}),
    ("DELETE", "/api/people/{id}/personal-data/erasure"): (frozenset(), None),
    ("GET", "/api/webhooks"): (ADMINISTRATORS, None),
    ("POST", "/api/webhooks"): (COMPANY, {**WEBHOOK, "organization_id": "{company}"}),
    ("GET", "/api/webhooks/{id}"): (COMPANY, None),
    ("PUT", "/api/webhooks/{id}"): (COMPANY, {**WEBHOOK, "active": True}),
    ("DELETE", "/api/webhooks/{id}"): (frozenset({Who.BOSS}), None),  # then it is gone
    ("POST", "/api/webhooks/{id}/secret"): (COMPANY, None),
    ("POST", "/api/webhooks/{id}/test"): (COMPANY, None),
    ("GET", "/api/webhooks/{id}/deliveries"): (COMPANY, None),
    ("POST", "/api/webhooks/{id}/deliveries/{delivery_id}"): (frozenset(), None),
    ("PUT", "/api/imports/{key}"): (PARK, b"name,kind\nNew Works,enterprise\n"),
    ("GET", "/api/imports/{key}"): (PARK, None),
    ("GET", "/api/imports/{key}/rows"): (PARK, None),
    ("POST", "/api/imports/{key}/apply"): (PARK, {}),
    ("GET", "/api/meetings"): (MEMBERS, None),
    ("POST", "/api/meetings"): (MEMBERS, {"title": "New"}),
    ("GET", "/api/meetings/{id}"): (MANAGERS, None),
    ("PATCH", "/api/meetings/{id}"): (MANAGERS, {"title": "Changed"}),
    ("DELETE", "/api/meetings/{id}"): (MANAGERS, None),
    ("POST", "/api/meetings/{id}/restore"): (MANAGERS, None),
    ("GET", "/api/rooms/{code}"): (ALL, None),
    ("POST", "/api/rooms/{code}/guests"): (ALL, {"name": "Guest"}),
    ("POST", "/api/rooms/{code}/tokens"): (MANAGERS, {"publish": True}),
    ("GET", "/api/rooms/{code}/qr.svg"): (ALL, None),
    ("GET", "/api/assist/machines"): (MEMBERS, None),
    ("POST", "/api/assist/machines"): (MEMBERS, {"make": "Han", "model": "L-20"}),
    ("GET", "/api/assist/machines/{id}"): (MANAGERS, None),
    ("PATCH", "/api/assist/machines/{id}"): (MANAGERS, {"site": "Hall 3"}),
    ("GET", "/api/assist/machines/{id}/label.svg"): (MANAGERS, None),
    ("GET", "/api/assist/labels/{label}"): (MANAGERS, None),
    ("GET", "/api/assist/sessions"): (MEMBERS, None),
    ("POST", "/api/assist/sessions"): (MEMBERS, {"title": "Look at it"}),
    ("GET", "/api/assist/sessions/{id}"): (MANAGERS, None),
    ("PATCH", "/api/assist/sessions/{id}"): (frozenset(), {"machine_id": "{machine}"}),
    ("GET", "/api/assist/rooms/{code}"): (MANAGERS, None),
    ("GET", "/api/assist/sessions/{id}/links"): (MANAGERS, None),
    ("POST", "/api/assist/sessions/{id}/links"): (MANAGERS, {"role": "on_site"}),
    ("DELETE", "/api/assist/sessions/{id}/links/{link_id}"): (frozenset(), None),
    ("POST", "/api/assist/sessions/{id}/links/{link_id}/restore"): (frozenset(), None),
    ("POST", "/api/assist/sessions/{id}/links/{link_id}/reissue"): (frozenset(), None),
    ("GET", "/api/assist/links"): (frozenset(), None),
    ("POST", "/api/assist/links/open"): (frozenset(), {"token": "0" * 20, "name": "Guest"}),
    ("POST", "/api/assist/sessions/{id}/end"): (MANAGERS, None),
    ("GET", "/api/assist/templates"): (MEMBERS, None),
    ("POST", "/api/assist/templates"): (MEMBERS, {"title": "Commission", "steps": [STEP]}),
    ("GET", "/api/assist/templates/{id}"): (MANAGERS, None),
    ("GET", "/api/assist/templates/{id}/versions"): (MANAGERS, None),
    ("PATCH", "/api/assist/templates/{id}"): (MANAGERS, {"archived": False}),
    # the second to write on the first version is told that there is a newer one
    ("POST", "/api/assist/templates/{id}/versions"): (
        frozenset({Who.HOST}),
        {"based_on": 1, "title": "Commission", "steps": [STEP]},
    ),
    ("GET", "/api/assist/sessions/{id}/runs"): (MANAGERS, None),
    ("PUT", "/api/assist/sessions/{id}/runs/{run_key}"): (ON_SITE, {"title": "By hand", "steps": [STEP]}),
    ("PUT", "/api/assist/sessions/{id}/runs/{run_key}/answers/{step_key}"): (
        ON_SITE,
        {"answer": {"state": "done", "at_ms": 1}},
    ),
    ("PUT", "/api/assist/sessions/{id}/signature"): (ON_SITE, {"name": "Zhou", "strokes": [[0.1, 0.2]]}),
    ("GET", "/api/assist/sessions/{id}/reports"): (MANAGERS, None),
    ("POST", "/api/assist/sessions/{id}/reports"): (ON_SITE, {"language": "en"}),
    ("GET", "/api/assist/sessions/{id}/reports/{report_id}/pdf"): (frozenset(), None),
    ("GET", "/api/assist/sessions/{id}/reports/{report_id}/html"): (frozenset(), None),
    ("GET", "/api/assist/machines/{id}/history"): (MANAGERS, None),
    ("PUT", "/api/assist/machines/{id}/documents/{key}"): (MANAGERS, PDF),
    ("PUT", "/api/assist/machines/{id}/items/{key}"): (MANAGERS, {"text": "Grease it"}),
    ("PUT", "/api/assist/sessions/{id}/stills/{key}"): (ON_SITE, PNG),
    ("PUT", "/api/assist/sessions/{id}/stills/{key}/marks"): (ON_SITE, {"marks": []}),
    ("GET", "/api/assist/sessions/{id}/stills"): (MANAGERS, None),
    ("POST", "/api/assist/sessions/{id}/stills/{key}/nameplate"): (ON_SITE if is_installed() else frozenset(), None),
    ("GET", "/api/assist/stills/{key}/file"): (MANAGERS, None),
    ("GET", "/api/assist/stills/{key}/small"): (MANAGERS, None),
    ("PUT", "/api/assist/sessions/{id}/documents/{key}"): (ON_SITE, PDF),
    ("GET", "/api/assist/sessions/{id}/documents"): (MANAGERS, None),
    ("GET", "/api/assist/documents/{key}/file"): (MANAGERS, None),
    ("DELETE", "/api/assist/documents/{key}"): (MANAGERS, None),
    ("PUT", "/api/assist/sessions/{id}/keyframes/{key}"): (ON_SITE, KEYFRAME),
    ("GET", "/api/assist/keyframes/{key}/file"): (MANAGERS, None),
    ("PUT", "/api/assist/sessions/{id}/marks/{key}"): (ON_SITE, {"mark": mark("key-of-mine")}),
    ("DELETE", "/api/assist/sessions/{id}/marks/{key}"): (ON_SITE, None),
    ("GET", "/api/assist/sessions/{id}/marks"): (MANAGERS, None),
    ("PUT", "/api/assist/sessions/{id}/items/{key}"): (ON_SITE, {"text": "Grease it"}),
    ("GET", "/api/assist/sessions/{id}/items"): (MANAGERS, None),
    ("PATCH", "/api/assist/items/{key}"): (MANAGERS, {"done": True}),
    ("GET", "/api/assist/installers"): (MEMBERS, None),
    ("GET", "/api/assist/jobs"): (MEMBERS, None),
    ("POST", "/api/assist/jobs"): (
        MANAGERS,
        {"machine_id": "{machine}", "installer_id": "{installer}", "title": "Set up"},
    ),
    ("GET", "/api/assist/jobs/{id}"): (MANAGERS, None),
    ("POST", "/api/assist/jobs/{id}/steps"): (frozenset({Who.HOST}), {"action": "cancel"}),
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
    ("GET", "/api/livestreams"): (MEMBERS, None),
    ("POST", "/api/livestreams"): (MEMBERS, {"title": "New", "starts_at_ms": 1, "zone": "UTC"}),
    ("GET", "/api/livestreams/{id}"): (MANAGERS, None),
    # the second to change it is told that there is a newer one, and the second to take it away that it is gone
    ("PATCH", "/api/livestreams/{id}"): (frozenset({Who.HOST}), {"version": 1, "title": "Changed"}),
    ("DELETE", "/api/livestreams/{id}"): (frozenset({Who.HOST}), None),
    ("POST", "/api/livestreams/{id}/restore"): (MANAGERS, None),
    ("POST", "/api/livestreams/{id}/acts"): (frozenset(), {"action": "schedule"}),  # it is announced already
    ("PUT", "/api/livestreams/{id}/people"): (MANAGERS, {"people": "{hosts}"}),
    ("PUT", "/api/livestreams/{id}/groups"): (MANAGERS, {"groups": []}),
    ("PUT", "/api/livestreams/{id}/cover"): (MANAGERS, PNG),
    ("GET", "/api/livestreams/{id}/cover"): (ALL, None),
    ("GET", "/api/livestreams/{id}/registrations"): (MANAGERS, None),
    ("POST", "/api/livestreams/{id}/registrations/{registration_id}"): (frozenset(), {"confirm": True}),
    ("GET", "/api/livestreams/{id}/restreams"): (MANAGERS, None),
    ("POST", "/api/livestreams/{id}/restreams"): (
        MANAGERS,
        {"name": "Elsewhere", "url": "rtmps://live.example.com/app", "key": "k"},
    ),
    ("PATCH", "/api/livestreams/{id}/restreams/{target_id}"): (frozenset(), {"enabled": False}),
    ("DELETE", "/api/livestreams/{id}/restreams/{target_id}"): (frozenset(), None),
    ("GET", "/api/livestreams/{id}/stream-keys"): (MANAGERS, None),
    ("POST", "/api/livestreams/{id}/stream-keys"): (MANAGERS, {"name": "Encoder"}),
    ("POST", "/api/livestreams/{id}/stream-keys/{key_id}/renew"): (frozenset(), None),
    ("DELETE", "/api/livestreams/{id}/stream-keys/{key_id}"): (frozenset(), None),
    ("GET", "/api/livestreams/{id}/numbers"): (MANAGERS, None),
    ("GET", "/api/livestreams/{id}/export.csv"): (MANAGERS, None),
    ("GET", "/api/livestreams/{id}/export.xlsx"): (MANAGERS, None),
    ("GET", "/api/livestreams/{id}/watch"): (ALL, None),
    ("POST", "/api/livestreams/{id}/stage-ticket"): (frozenset({Who.HOST, Who.PARK}), {}),
    ("POST", "/api/livestreams/{id}/registrations"): (frozenset(), {"name": "Guest", "email": "guest@x.example"}),
    ("POST", "/api/livestreams/{id}/registrations/cancel"): (frozenset(), {"token": "x"}),
    ("GET", "/api/livestreams/{id}/film"): (frozenset(), None),
    ("GET", "/api/livestreams/{id}/captions"): (frozenset(), None),
    ("PUT", "/api/livestreams/{id}/captions"): (MANAGERS, VTT),
    ("DELETE", "/api/livestreams/{id}/captions"): (frozenset({Who.HOST}), {"language": "en"}),
    ("PUT", "/api/room-files"): (frozenset(), PDF),
    ("GET", "/api/room-files"): (frozenset(), None),
    ("GET", "/api/room-files/small"): (frozenset(), None),
    ("GET", "/api/recordings"): (MEMBERS, None),
    ("GET", "/api/recordings/{id}"): (MANAGERS, None),
    ("PATCH", "/api/recordings/{id}"): (MANAGERS, {"title": "Changed"}),
    ("GET", "/api/recordings/{id}/film"): (MANAGERS, None),
    ("POST", "/api/recordings/{id}/share"): (MANAGERS, {"hours": 1}),
    ("POST", "/api/recordings/{id}/sound"): (MANAGERS, {}),
    ("GET", "/api/recordings/{id}/sound"): (frozenset(), None),
    ("GET", "/api/recordings/{id}/tracks"): (MANAGERS, None),
    ("GET", "/api/recordings/{id}/tracks/{track_id}"): (frozenset(), None),
    ("DELETE", "/api/recordings/{id}/share"): (MANAGERS, None),
    ("DELETE", "/api/recordings/{id}"): (MANAGERS, None),
    ("POST", "/api/recordings/{id}/restore"): (MANAGERS, None),
    ("GET", "/api/shared-recording"): (frozenset(), None),
    ("GET", "/api/shared-recording/film"): (frozenset(), None),
    ("GET", "/api/doctor"): (ALL, None),
    # everybody is let in, and told that this is no offer
    ("POST", "/api/doctor/calls"): (frozenset(), {"publish": "x", "view": "x"}),
    ("POST", "/api/doctor/calls/end"): (ALL, {"id": "0123456789abcdef"}),
    ("GET", "/api/doctor/download"): (ALL, None),
}

# What those who are kept out hear; who has no account is always told to sign in first.
REFUSALS = {
    ("POST", "/api/setup"): "wrong_state",
    ("POST", "/api/sign-in"): "unauthenticated",
    ("POST", "/api/oidc/begin"): "wrong_state",  # there is no provider
    ("GET", "/api/invitations"): "not_found",
    ("POST", "/api/invitations/accept"): "not_found",
    ("POST", "/api/password-reset"): "not_found",
    ("GET", "/api/assist/links"): "not_found",
    ("POST", "/api/assist/links/open"): "not_found",
    ("POST", "/api/doctor/calls"): "media_rejected",
    ("GET", "/api/shared-recording"): "link_expired",
    ("PUT", "/api/room-files"): "link_expired",
    ("GET", "/api/room-files"): "link_expired",
    ("GET", "/api/room-files/small"): "link_expired",
    ("GET", "/api/shared-recording/film"): "link_expired",
    ("POST", "/api/livestreams/{id}/stage-ticket"): "unauthenticated",
    ("POST", "/api/livestreams/{id}/registrations"): "wrong_state",  # it takes none
    ("POST", "/api/livestreams/{id}/registrations/cancel"): "not_found",
    ("GET", "/api/livestreams/{id}/film"): "unauthenticated",  # no viewer's token
    ("GET", "/api/livestreams/{id}/captions"): "unauthenticated",
    ("GET", "/api/schedule/replies"): "not_found",
    ("POST", "/api/schedule/replies"): "not_found",
    ("GET", "/api/feeds/{key}.ics"): "not_found",
}
# What those who see a request are told about what is not theirs to do; to the others it does not exist.
OF_REQUESTS = {
    ("PATCH", "/api/requests/{id}", Who.HOST): "wrong_state",  # it is no draft any more
    ("DELETE", "/api/requests/{id}", Who.HOST): "wrong_state",
    ("POST", "/api/requests/{id}/moves", Who.HOST): "wrong_state",
    ("POST", "/api/requests/{id}/moves", Who.BOSS): "wrong_state",
    ("POST", "/api/requests/{id}/moves", Who.PARK): "wrong_state",
    ("PUT", "/api/requests/{id}/files/{key}", Who.BOSS): "conflict",
    ("PUT", "/api/requests/{id}/files/{key}", Who.PARK): "conflict",
    ("PUT", "/api/requests/{id}/comments/{key}", Who.BOSS): "conflict",
    ("PUT", "/api/requests/{id}/comments/{key}", Who.PARK): "conflict",
    ("DELETE", "/api/requests/{id}/files/{key}", Who.HOST): "wrong_state",  # it is on record
    ("PUT", "/api/requests/{id}/checks", Who.PARK): "invalid",  # it has no checklist
}

OF_CALLS = {
    ("POST", "/api/calls", Who.BOSS): "invalid",  # nobody calls themselves
    ("POST", "/api/calls", Who.PARK): "conflict",
    ("POST", "/api/calls/{id}/answer", Who.HOST): "forbidden",  # the caller
    ("POST", "/api/calls/{id}/answer", Who.BOSS): "wrong_state",  # it is over
    ("POST", "/api/calls/{id}/cancel", Who.HOST): "wrong_state",
    ("PUT", "/api/calls/{id}/note", Who.HOST): "wrong_state",  # nobody talked
    ("PUT", "/api/calls/{id}/note", Who.BOSS): "wrong_state",
    ("POST", "/api/calls/{id}/cancel", Who.BOSS): "forbidden",
}

OF_OFFICERS = {
    ("POST", "/api/officers/companies/{id}/moves", Who.PARK): "wrong_state",  # nobody offers it
    ("POST", "/api/officers/covers", Who.PARK): "invalid",  # nobody stands in for themselves
    ("DELETE", "/api/officers/covers/{id}", Who.PARK): "not_found",
    ("PUT", "/api/officers/jobs/{id}/milestones", Who.HOST): "wrong_state",  # the job was called off
    ("PUT", "/api/officers/jobs/{id}/milestones", Who.BOSS): "wrong_state",
    ("PUT", "/api/officers/jobs/{id}/milestones", Who.PARK): "wrong_state",
    ("POST", "/api/patrols/jobs/{id}/checks", Who.HOST): "forbidden",
    ("POST", "/api/patrols/jobs/{id}/checks", Who.BOSS): "forbidden",
    ("POST", "/api/patrols/jobs/{id}/checks", Who.PARK): "wrong_state",
}
OF_DIRECTORY = {
    ("PUT", "/api/directory/organizations/{id}", Who.PARK): "conflict",
    ("PUT", "/api/directory/organizations/{id}", Who.HOST): "forbidden",
    ("PATCH", "/api/directory/needs/{id}", Who.BOSS): "conflict",
    ("PATCH", "/api/directory/needs/{id}", Who.PARK): "conflict",
    ("POST", "/api/directory/needs/{id}/invitations", Who.HOST): "invalid",  # no crew that fits
    ("POST", "/api/directory/needs/{id}/invitations", Who.BOSS): "invalid",
    ("POST", "/api/directory/needs/{id}/invitations", Who.PARK): "invalid",
    ("POST", "/api/directory/needs/{id}/moves", Who.HOST): "wrong_state",
    ("POST", "/api/directory/needs/{id}/moves", Who.BOSS): "wrong_state",
    ("POST", "/api/directory/needs/{id}/moves", Who.PARK): "wrong_state",
}

# It is out: no draft any more, and reminded of tomorrow at the earliest.
OF_ANNOUNCEMENTS = {
    ("POST", "/api/announcements/{id}/reminders", Who.BOSS): "rate_limited",
}

# It is not live.
OF_SYMPOSIUMS = {
    ("PUT", "/api/symposiums/{id}/current", Who.PARK): "wrong_state",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/decision", Who.PARK): "wrong_state",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/vote", Who.MEMBER): "not_found",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/vote", Who.RIVAL): "not_found",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/withdrawn", Who.MEMBER): "not_found",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/withdrawn", Who.RIVAL): "not_found",
}

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
LAST = {
    ("POST", "/api/announcements/{id}/withdraw"): 1,
    ("DELETE", "/api/livestreams/{id}"): 1,
    ("DELETE", "/api/webhooks/{id}"): 1,
    ("DELETE", "/api/assist/documents/{key}"): 1,
    ("POST", "/api/sign-out"): 2,
}
# Those who may manage it are told that there is no such link, the others that they may not.
KNOWN_TO_MANAGERS = {
    ("GET", "/api/recordings/{id}/sound"): "wrong_state",  # it was not taken out
    ("GET", "/api/recordings/{id}/tracks/{track_id}"): "not_found",
    ("PATCH", "/api/assist/sessions/{id}"): "conflict",  # it is about a machine already
    ("DELETE", "/api/assist/sessions/{id}/links/{link_id}"): "not_found",
    ("POST", "/api/assist/sessions/{id}/links/{link_id}/restore"): "not_found",
    ("POST", "/api/assist/sessions/{id}/links/{link_id}/reissue"): "not_found",
    ("POST", "/api/assist/templates/{id}/versions"): "conflict",
    ("POST", "/api/assist/jobs/{id}/steps"): "wrong_state",  # the first has cancelled it
    ("PATCH", "/api/schedule/events/{id}"): "conflict",
    ("POST", "/api/schedule/events/{id}/cancel"): "wrong_state",
    ("PATCH", "/api/livestreams/{id}"): "conflict",
    ("DELETE", "/api/livestreams/{id}"): "not_found",
    ("POST", "/api/livestreams/{id}/acts"): "wrong_state",
    ("POST", "/api/livestreams/{id}/registrations/{registration_id}"): "not_found",
    ("DELETE", "/api/livestreams/{id}/captions"): "not_found",
    ("PATCH", "/api/livestreams/{id}/restreams/{target_id}"): "not_found",
    ("DELETE", "/api/livestreams/{id}/restreams/{target_id}"): "not_found",
    ("POST", "/api/livestreams/{id}/stream-keys/{key_id}/renew"): "not_found",
    ("DELETE", "/api/livestreams/{id}/stream-keys/{key_id}"): "not_found",
    ("GET", "/api/assist/sessions/{id}/reports/{report_id}/pdf"): "not_found",
    ("GET", "/api/assist/sessions/{id}/reports/{report_id}/html"): "not_found",
}
# What does not exist for those whom it does not concern.
ATTENDANCE = "/api/organizations/{id}/attendance"
HIDDEN = ("/api/recordings/", "/api/schedule/events/", "/api/schedule/free-busy", "/api/schedule/suggestions")


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


@pytest.fixture
async def cast(park: Park, admin: Browser) -> Cast:
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


def refusal(who: Who, method: str, path: str) -> str:
    if (method, path) in REFUSALS:
        return REFUSALS[method, path]
    if (method, path) == ("GET", "/api/requests/batches/{key}") and who in MEMBERS:
        return "not_found"  # one sees one's own
    if path.startswith("/api/webhooks/{id}") and who in MEMBERS:
        return "not_found"
    if path == "/api/oidc/identity" and who in MEMBERS:
        return "not_found"  # nobody came by a provider
    if path.startswith("/api/people") and who in MEMBERS:
        # Their own of what is there, with the password that is theirs; others do not know that there is anything.
        return "invalid" if who in SELF and method == "POST" else "not_found"
    if path.startswith("/api/tokens") and who in MEMBERS:
        return "not_found"  # one has none
    if path.startswith("/api/requests/{id}") and who in MEMBERS:
        return OF_REQUESTS.get((method, path, who), "forbidden" if who in MANAGERS else "not_found")
    if path.startswith("/api/announcements") and who in MEMBERS:
        if "{id}" in path and who not in ON_SITE:
            return "not_found"
        known = "wrong_state" if who is Who.BOSS else "forbidden"
        return OF_ANNOUNCEMENTS.get((method, path, who), known)
    if path.startswith("/api/symposiums") and who in MEMBERS:
        return OF_SYMPOSIUMS.get((method, path, who), "forbidden")
    if path.startswith("/api/calls") and who in MEMBERS:
        return OF_CALLS.get((method, path, who), "not_found")
    if path.startswith(("/api/officers", "/api/patrols")) and who in MEMBERS:
        hidden = "/jobs/" in path or "/checks/" in path
        return OF_OFFICERS.get((method, path, who), "not_found" if hidden else "forbidden")
    if path.startswith("/api/directory") and who in MEMBERS:
        mine = path.startswith("/api/directory/organizations/{id}") and "/c" not in path.partition("{id}")[2]
        return OF_DIRECTORY.get((method, path, who), "forbidden" if mine or path.endswith("/plan") else "not_found")
    if path.startswith("/api/livestreams/{id}") and who in MEMBERS - MANAGERS:
        return "not_found"
    if path.endswith("/nameplate") and who in ON_SITE:
        return "unavailable"  # text recognition is not installed
    if (method, path) in KNOWN_TO_MANAGERS and who in MANAGERS:
        return KNOWN_TO_MANAGERS[method, path]
    if (path.startswith(HIDDEN) and "/records/" in path) or path.startswith(("/api/schedule/items", ATTENDANCE)):
        if who in MEMBERS:  # an occurrence and an item that there are not
            return "forbidden" if path.startswith(ATTENDANCE) and who in MANAGERS else "not_found"
    elif path.startswith(HIDDEN) and who in MEMBERS:
        return (
            "wrong_state"
            if who is Who.HOST
            else "forbidden"
            if path.endswith("/answer") and who is Who.PARK
            else "not_found"
        )
    return "unauthenticated" if who is Who.STRANGER else "forbidden"


@pytest.mark.timeout(480)  # some thousand requests
async def test_every_endpoint_lets_in_whom_it_should_and_nobody_else(park: Park, cast: Cast) -> None:
    table = {(endpoint.method, endpoint.path) for endpoint in park.app[ENDPOINTS]}
    assert table == set(ROWS)
    wrong = []
    # What takes away what others stand on comes last.
    for (method, path), (allowed, body) in sorted(ROWS.items(), key=lambda row: LAST.get(row[0], 0)):
        if path == "/api/sign-out-everywhere":
            continue
        await park.forget_rates()
        for who in Who:
            if who is Who.COLLEAGUE and path.endswith("/nameplate"):  # seconds of reading: the host's and boss's do
                continue
            answer = await cast.ask(who, method, path, body)
            as_whom, expected = stands_as(who, method, path)
            if expected is None:
                expected = "" if as_whom in allowed else refusal(as_whom, method, path)
            if answer.code != expected and not (expected == "" and answer.status < 300):
                wrong.append(f"{who} {method} {path}: {answer}, expected {expected or 'success'}")
            if path == "/api/assist/documents/{key}" and answer.status == 204:
                await brought(cast.browsers[Who.HOST], cast.assistance["id"])
            if (method, path) == ("DELETE", "/api/meetings/{id}") and answer.status == 204:
                await cast.browsers[Who.PARK].post(f"/api/meetings/{cast.meeting_id}/restore")
    assert wrong == []


async def test_nobody_touches_what_is_not_theirs_by_naming_it(park: Park, cast: Cast) -> None:
    """The rival administers an organization, but not this one; ids and codes of others open nothing."""
    rival, host = cast.browsers[Who.RIVAL], cast.browsers[Who.HOST]
    path = f"/api/organizations/{cast.company}/members/{host.account_id}"
    assert (await rival.send("PUT", path, {"roles": []})).code == "forbidden"
    unknown = "0" * 26
    assert (await rival.get(f"/api/meetings/{unknown}")).code == "not_found"
    assert (await cast.browsers[Who.PARK].get(f"/api/organizations/{unknown}/members")).code == "not_found"
    assert (await rival.get(f"/api/organizations/{unknown}/members")).code == "forbidden"
    assert len((await host.me())["memberships"]) == 1


async def test_whoever_lost_an_office_lost_its_rights(park: Park, admin: Browser, cast: Cast) -> None:
    boss = cast.browsers[Who.BOSS]
    members = f"/api/organizations/{cast.company}/members"
    assert (await boss.get(members)).status == 200
    await admin.send("PUT", f"{members}/{boss.account_id}", {"roles": ["member"]})
    assert (await boss.get(members)).code == "forbidden"
    assert (await boss.get(f"/api/meetings/{cast.meeting_id}")).code == "forbidden"


async def test_the_park_keeps_its_last_administrator(admin: Browser) -> None:
    park_id = (await admin.me())["memberships"][0]["organization"]["id"]
    answer = await admin.send("PUT", f"/api/organizations/{park_id}/members/{admin.account_id}", {"roles": ["member"]})
    assert answer.code == "conflict"
