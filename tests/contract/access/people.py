"""What each may ask of accounts, organizations, the park's administration and meetings.

(method, path) -> who gets in, and a body that is fine for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.support.access import ADMINISTRATORS, ALL, COMPANY, MANAGERS, MEMBERS, PARK, SELF, Who
from tests.support.api import PASSWORD

WEBHOOK = {"name": "ERP", "url": "https://erp.example/hook", "events": ["request.decided"]}

ROWS: Final[Mapping[tuple[str, str], tuple[frozenset[Who], object]]] = {
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
}
