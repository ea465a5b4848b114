"""A policy from the officer's draft to a company's application, over the API."""

from __future__ import annotations

from collab.app import DESK
from tests.support.api import Browser, Json, Park
from tests.support.desk import open_desk

LASER: Json = {"all": [{"any": [{"field": "industry", "op": "is", "values": ["laser"]}]}]}
SUBSIDY: Json = {
    "title_zh": "激光企业设备补贴",
    "title_en": "Subsidy for laser machines",
    "summary_zh": "购置设备补贴三成。",
    "summary_en": "Three tenths of what a machine costs.",
    "request_type": "subsidy_application",
    "rules": LASER,
}


async def test_from_a_draft_to_an_application(park: Park, admin: Browser) -> None:
    desk = await open_desk(park, admin)
    page = {"revision": 0, "industry": "laser", "founded_on": "2023-05-01"}
    said = await desk.boss.send("PUT", f"/api/directory/organizations/{desk.company}", page)
    assert said.json["founded_on"] == "2023-05-01"
    card = (await desk.officer.post("/api/policies", SUBSIDY)).json
    path = f"/api/policies/{card['policy']['id']}"
    assert "subsidy_application" in {one["key"] for one in card["types"]}  # which officers do not file themselves
    assert (await desk.boss.get(path)).code == "not_found"
    assert (await desk.officer.post(f"{path}/moves", {"action": "publish"})).json["policy"]["state"] == "published"

    await park.app[DESK].work()
    (notice,) = (await desk.boss.get("/api/notices")).json["notices"]
    assert (notice["title"], notice["path"]) == ("贵公司可以申请：激光企业设备补贴", path.removeprefix("/api"))
    assert (await desk.rival.get("/api/notices")).json["notices"] == []

    (line,) = (await desk.requester.get("/api/policies?mine=true&open=true")).json["policies"]
    (standing,) = line["standings"]
    assert standing["met"] == "yes"
    assert standing["reasons"][0]["words"] == {"zh": "行业为激光（现为：激光）", "en": "Industry: laser (is: laser)"}
    (other,) = (await desk.rival.get("/api/policies")).json["policies"]
    assert [one["met"] for one in other["standings"]] == ["unknown"]

    begin = {"kind": "application", "key": "key-of-mine"}
    begun = await desk.requester.post(f"{path}/requests", begin)
    assert begun.status == 201, begun
    draft = (await desk.requester.get(f"/api/requests/{begun.json['request_id']}")).json["request"]
    assert (draft["state"], draft["type"]["key"]) == ("draft", "subsidy_application")
    assert (await desk.rival.get(path)).json["begun"] == []


async def test_rules_that_mean_nothing_are_refused_by_their_place(park: Park, admin: Browser) -> None:
    for field, op, values in (("age", "at_most", ["old"]), ("kind", "is", ["park"]), ("region", "contains", ["HB"])):
        rules = {"all": [{"any": [{"field": field, "op": op, "values": values}]}]}
        answer = await admin.post("/api/policies", {**SUBSIDY, "rules": rules})
        assert (answer.code, answer.json["fields"]) == ("invalid", {"rules.0.0": "invalid"})
    shapes: list[Json] = [{"all": [{"any": []}]}, {"all": [{}] * 13}, {"any": []}]
    for wrong in shapes:
        assert (await admin.post("/api/policies", {**SUBSIDY, "rules": wrong})).code in ("invalid", "bad_message")
    assert (await admin.post("/api/policies", {**SUBSIDY, "source_url": "javascript:alert(1)"})).code == "invalid"
