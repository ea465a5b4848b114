"""What each may ask of livestreams, files, recordings and the doctor.

(method, path) -> who gets in, and a body that is fine for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.support.access import ALL, MANAGERS, MEMBERS, Who
from tests.support.assist import PDF, PNG
from tests.support.livestream import VTT

ROWS: Final[Mapping[tuple[str, str], tuple[frozenset[Who], object]]] = {
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
