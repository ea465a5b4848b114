"""Other platforms of a livestream, as its hosts plan them: which addresses are taken, and what the audit log keeps."""

from __future__ import annotations

from tests.support.api import Browser
from tests.support.livestream import livestream


async def test_an_address_inside_is_refused_at_once_and_a_name_when_it_is_used(admin: Browser) -> None:
    show = await livestream(admin)
    for host, status in (
        ("live.example.com", 201),
        ("1.2.3", 201),  # names, as far as this library knows
        ("2130706433", 201),
        ("127.0.0.1", 422),
        ("[fe80::1]", 422),
    ):
        wish = {"name": "Elsewhere", "url": f"rtmp://{host}/app", "key": "secret-key"}
        answer = await admin.post(f"/api/livestreams/{show['id']}/restreams", wish)
        assert answer.status == status, answer
        assert "secret-key" not in answer.body.decode()


async def test_whatever_changes_where_a_livestream_goes_stands_in_the_audit_log(admin: Browser) -> None:
    show = await livestream(admin)
    targets = f"/api/livestreams/{show['id']}/restreams"
    made = await admin.post(targets, {"name": "Elsewhere", "url": "rtmps://live.example.com/app", "key": "k"})
    one = f"{targets}/{made.json['id']}"
    for enabled in (False, True):
        assert (await admin.send("PATCH", one, {"enabled": enabled})).status == 204
    assert (await admin.send("DELETE", one)).status == 204
    assert (await admin.send("PATCH", one, {"enabled": True})).code == "not_found"

    told = (await admin.get(f"/api/audit?subject_id={show['id']}")).json["events"]
    kept = [(line["action"], line["details"].get("platform")) for line in reversed(told)]
    words = ("restream_added", "restream_disabled", "restream_enabled", "restream_removed")
    assert kept == [(word, "Elsewhere") for word in words]
