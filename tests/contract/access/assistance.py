"""What each may ask of remote assistance.

(method, path) -> who gets in, and a body that is fine for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from collab.nameplates.reader import is_installed
from tests.support.access import MANAGERS, MEMBERS, ON_SITE, Who
from tests.support.assist import KEYFRAME, PDF, PNG, mark

STEP = {"id": "step-0001", "title": "Look"}

ROWS: Final[Mapping[tuple[str, str], tuple[frozenset[Who], object]]] = {
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
}
