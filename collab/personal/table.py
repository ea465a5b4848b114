"""What becomes of every column that says who somebody is, when that person is erased, and what an export holds.

The account itself stays as a stone with a pseudonym (the last step of work.py): rows that must stay go on naming its
id, which then leads to nobody.  A test walks all tables: a column that looks like a person's, and stands neither here
nor in NOT_PERSONAL, fails it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .reasons import LOG_STAYS, OURS
from .rules import Area, By, Fate, Rule
from .table_desk import DIRECTORY, HEALTH, NOTICES, REQUESTS, SYMPOSIUMS
from .table_rooms import ASSISTANCE, CALENDAR, LIVESTREAMS, MEETINGS

_DELETE, _KEEP = Fate.DELETE, Fate.KEEP

_ACCOUNT: Final = (
    Rule(area=Area.ACCOUNT, table="memberships", key="account_id", fate=_DELETE),
    Rule(area=Area.ACCOUNT, table="one_time_links", key="email", by=By.EMAIL, fate=_DELETE, others=("name",)),
    Rule(
        area=Area.ACCOUNT,
        table="one_time_links",
        key="created_by",
        exported=False,
        fate=_KEEP,
        reason="ends by itself within days",
    ),
    Rule(area=Area.ACCOUNT, table="oidc_identities", key="account_id", fate=_DELETE, others=("subject",)),
    Rule(area=Area.ACCOUNT, table="desk_group_members", key="account_id", fate=_DELETE),
    Rule(area=Area.ACCOUNT, table="personal_exports", key="account_id", fate=_DELETE),
    Rule(
        area=Area.ACCOUNT,
        table="personal_exports",
        key="asked_by",
        exported=False,
        fate=_KEEP,
        reason="another person's export",
    ),
    Rule(
        area=Area.ACCOUNT,
        table="erasures",
        key="account_id",
        fate=_KEEP,
        reason="proves that it was done; has no name",
        others=("asked_by",),
    ),
    Rule(area=Area.PROGRAMS, table="api_tokens", key="account_id", fate=_DELETE, others=("used_from",)),
    Rule(area=Area.PROGRAMS, table="imports", key="created_by", fate=_DELETE),
    Rule(area=Area.PROGRAMS, table="webhooks", key="created_by", fate=_KEEP, reason=OURS),
)

_LOG: Final = (
    Rule(area=Area.LOG, table="audit_events", key="actor_id", fate=_KEEP, reason=LOG_STAYS, others=("actor_name",)),
    Rule(
        area=Area.LOG,
        table="audit_events",
        key="subject_id",
        exported=False,
        fate=_KEEP,
        reason=LOG_STAYS,
        others=("subject_name", "address"),
    ),
)

# In this order: what is found through a parent stands before the parent.
RULES: Final[tuple[Rule, ...]] = (
    *_ACCOUNT,
    *CALENDAR,
    *MEETINGS,
    *REQUESTS,
    *HEALTH,
    *NOTICES,
    *ASSISTANCE,
    *DIRECTORY,
    *SYMPOSIUMS,
    *LIVESTREAMS,
    *_LOG,
)

# Columns that look like a person's, and why they are not.  The account itself is work.py's last step.
NOT_PERSONAL: Final[Mapping[tuple[str, str], str]] = {
    ("accounts", "email"): "the last step",
    ("accounts", "name"): "the last step",
    ("accounts", "locale"): "the last step",
    ("api_tokens", "name"): "what the token is for; goes with it",
    ("crews", "name"): "of a crew",
    ("health_places", "address"): "of a place at risk",
    ("livestream_groups", "name"): "of a group",
    ("organizations", "name"): "of an organization",
    ("restream_targets", "name"): "of another platform",
    ("stream_keys", "name"): "of a machine that encodes",
    ("stream_keys", "used_from"): "of a machine that encodes",
    ("webhooks", "name"): "of a program",
    ("desk_groups", "name_zh"): "of a group",
    ("desk_groups", "name_en"): "of a group",
}
