"""A person's own data over HTTP: taken along, erased, undone; by the person and by an administrator of the park."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Final

from sqlalchemy import update

from collab.app import DESK
from collab.personal.engine import ERASE
from collab.personal.models import ErasureRow, ErasureState
from tests.support.api import PASSWORD, Browser, Json, Park, eventually

OWN: Final = {"password": PASSWORD}


def path(who: Browser) -> str:
    return f"/api/people/{who.account_id}/personal-data"


async def data(asker: Browser, who: Browser) -> Json:
    return (await asker.get(path(who))).json


async def mei(park: Park, admin: Browser) -> Browser:
    return await park.member(admin, await park.organization(admin, "Laser Works"), "Mei")


async def test_an_export_is_made_and_downloaded_by_who_asked_for_it(park: Park, admin: Browser) -> None:
    person = await mei(park, admin)
    assert (await person.post(f"{path(person)}/exports", OWN)).status == 202

    async def is_ready() -> bool:
        return [one["state"] for one in (await data(person, person))["exports"]] == ["ready"]

    await eventually(is_ready, within_s=60.0)
    (export,) = (await data(person, person))["exports"]
    archive = await person.get(f"{path(person)}/exports/{export['id']}/file")
    assert archive.status == 200
    assert len(archive.body) == export["size_bytes"]
    with zipfile.ZipFile(io.BytesIO(archive.body)) as opened:
        account = json.loads(opened.read("account.json"))
    assert account["accounts"][0]["name"] == "Mei"
    # The administrator did not ask for this one.
    assert (await data(admin, person))["exports"] == []
    assert (await admin.get(f"{path(person)}/exports/{export['id']}/file")).code == "not_found"


async def test_it_takes_the_password_and_is_nobody_elses(park: Park, admin: Browser) -> None:
    person = await mei(park, admin)
    other = await park.member(admin, await park.organization(admin, "Robots"), "Rival", "administrator")
    for what in ("exports", "erasure"):
        wrong = await person.post(f"{path(person)}/{what}", {"password": "not the password"})
        assert wrong.code == "invalid"
        assert wrong.json["fields"] == {"password": "wrong"}
        assert (await other.post(f"{path(person)}/{what}", OWN)).code == "not_found"
    assert (await other.get(path(person))).code == "not_found"


async def test_an_erasure_can_be_undone_and_is_done_on_its_day(park: Park, admin: Browser) -> None:
    person = await mei(park, admin)
    assert (await person.post(f"{path(person)}/erasure", OWN)).json["state"] == "planned"
    assert (await person.send("DELETE", f"{path(person)}/erasure")).status == 204
    assert (await data(person, person))["erasure"] is None

    planned = (await person.post(f"{path(person)}/erasure", OWN)).json
    assert planned["due_at_ms"] > planned["created_at_ms"]
    await on_its_day(park)

    assert (await person.get(path(person))).code == "unauthenticated"
    assert (await admin.get(path(person))).code == "not_found"
    lines = (await admin.get(f"/api/audit?subject_id={person.account_id}")).json["events"]
    assert {"erasure_planned", "erasure_undone", "erasure_begun", "erasure_done"} <= {one["action"] for one in lines}
    assert not any("Mei" in one["subject"]["name"] for one in lines)


async def test_an_administrator_erases_somebody_who_cannot_undo_it(park: Park, admin: Browser) -> None:
    person = await mei(park, admin)
    assert (await admin.post(f"{path(person)}/erasure", OWN)).status == 202
    assert (await data(person, person))["erasure"]["by_administrator"]
    assert (await person.send("DELETE", f"{path(person)}/erasure")).code == "forbidden"
    assert (await admin.send("DELETE", f"{path(person)}/erasure")).status == 204


async def test_the_only_administrator_of_the_park_has_to_find_another_first(admin: Browser) -> None:
    assert (await data(admin, admin))["obstacles"]["only_administrator"]
    assert (await admin.post(f"{path(admin)}/erasure", OWN)).code == "wrong_state"


async def on_its_day(park: Park) -> None:
    async with park.database.write() as session:
        erasure_ids = await session.scalars(
            update(ErasureRow)
            .where(ErasureRow.state == ErasureState.PLANNED)
            .values(due_at_ms=1)
            .returning(ErasureRow.id)
        )
    for erasure_id in erasure_ids:
        await park.app[DESK].jobs.run(ERASE, {"erasure_id": erasure_id})
