"""The rules of the desk: requests, health, notices, the directory, symposiums."""

from __future__ import annotations

from typing import Final

from .reasons import BY_NAME, EVIDENCE, FILED, OTHERS_NEED, OURS
from .rules import Area, By, Fate, FileOf, Rule, Through

_DELETE, _ANONYMISE, _KEEP = Fate.DELETE, Fate.ANONYMISE, Fate.KEEP

REQUESTS: Final[tuple[Rule, ...]] = (
    Rule(
        area=Area.REQUESTS,
        table="request_contents",
        key="requester_id",
        fate=_KEEP,
        reason=FILED,
        through=Through("request_id", "requests"),
    ),
    Rule(
        area=Area.REQUESTS,
        table="request_files",
        key="account_id",
        fate=_ANONYMISE,
        reason=FILED,
        names=("name",),
        file=FileOf("sha256", "file_name"),
    ),
    Rule(
        area=Area.REQUESTS,
        table="requests",
        key="requester_id",
        fate=_DELETE,
        only={"state": ("draft",)},
        others=("requester_name",),
    ),
    Rule(
        area=Area.REQUESTS,
        table="requests",
        key="requester_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("requester_name",),
    ),
    Rule(
        area=Area.REQUESTS,
        table="requests",
        key="owner_id",
        exported=False,
        fate=_KEEP,
        reason=EVIDENCE,
        others=("asked_id", "offered_to_id"),
    ),
    Rule(
        area=Area.REQUESTS, table="request_events", key="account_id", fate=_ANONYMISE, reason=EVIDENCE, names=("name",)
    ),
    Rule(
        area=Area.REQUESTS,
        table="request_comments",
        key="account_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
    ),
    Rule(
        area=Area.REQUESTS,
        table="request_checks",
        key="name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("name",),
    ),
    Rule(area=Area.REQUESTS, table="request_batches", key="created_by", fate=_DELETE),
    Rule(
        area=Area.REQUESTS,
        table="request_type_versions",
        key="name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("name",),
    ),
)

HEALTH: Final[tuple[Rule, ...]] = (
    Rule(
        area=Area.HEALTH,
        table="health_reasons",
        key="account_id",
        fate=_DELETE,
        through=Through("concern_id", "health_concerns"),
    ),
    Rule(area=Area.HEALTH, table="health_concerns", key="account_id", fate=_DELETE),
    Rule(area=Area.HEALTH, table="health_spots", key="account_id", fate=_DELETE),
    Rule(
        area=Area.HEALTH,
        table="health_accesses",
        key="person_id",
        fate=_KEEP,
        reason="says who looked; goes after two years",
        others=("reader_id", "reader_name"),
    ),
    Rule(
        area=Area.HEALTH,
        table="health_accesses",
        key="reader_id",
        exported=False,
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("reader_name",),
    ),
    Rule(
        area=Area.HEALTH,
        table="health_concern_events",
        key="account_id",
        exported=False,
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
    ),
    Rule(
        area=Area.HEALTH,
        table="health_place_changes",
        key="account_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
    ),
)

NOTICES: Final[tuple[Rule, ...]] = (
    Rule(area=Area.NOTICES, table="notice_settings", key="account_id", fate=_DELETE),
    Rule(area=Area.NOTICES, table="notices", key="account_id", fate=_DELETE),
    Rule(area=Area.NOTICES, table="push_subscriptions", key="account_id", fate=_DELETE, others=("endpoint",)),
    Rule(
        area=Area.NOTICES,
        table="mail_outbox",
        key="to_address",
        by=By.EMAIL,
        fate=_DELETE,
        others=("to_name", "reply_to"),
    ),
    Rule(area=Area.NOTICES, table="announcement_recipients", key="account_id", fate=_DELETE),
    Rule(
        area=Area.NOTICES, table="announcements", key="author_id", fate=_ANONYMISE, reason=OURS, names=("author_name",)
    ),
    Rule(
        area=Area.NOTICES,
        table="announcement_versions",
        key="account_id",
        fate=_ANONYMISE,
        reason=OURS,
        names=("name",),
    ),
)

DIRECTORY: Final[tuple[Rule, ...]] = (
    Rule(
        area=Area.DIRECTORY,
        table="organization_contacts",
        key="account_id",
        fate=_DELETE,
        others=("name", "phone", "email"),
    ),
    Rule(
        area=Area.DIRECTORY,
        table="organization_contacts",
        key="email",
        by=By.EMAIL,
        fate=_DELETE,
        others=("name", "phone"),
    ),
    Rule(
        area=Area.DIRECTORY,
        table="organization_profiles",
        key="changed_by_name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("changed_by_name",),
        others=("address",),
    ),
    Rule(area=Area.DIRECTORY, table="needs", key="created_by", fate=_KEEP, reason=OURS),
    Rule(
        area=Area.DIRECTORY, table="need_events", key="account_id", fate=_ANONYMISE, reason=OTHERS_NEED, names=("name",)
    ),
    Rule(area=Area.DIRECTORY, table="policies", key="created_by", fate=_KEEP, reason=OURS),
    Rule(
        area=Area.DIRECTORY,
        table="policies",
        key="changed_by_name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("changed_by_name",),
    ),
    Rule(area=Area.DIRECTORY, table="officer_covers", key="account_id", fate=_DELETE),
    Rule(area=Area.DIRECTORY, table="officer_covers", key="cover_id", fate=_DELETE),
    Rule(area=Area.DIRECTORY, table="service_officers", key="account_id", fate=_DELETE),
    Rule(
        area=Area.DIRECTORY,
        table="service_officers",
        key="offered_to_id",
        fate=_ANONYMISE,
        reason="the company keeps its officer; the offer is over",
        blanks={"offered_to_id": None},
    ),
    Rule(
        area=Area.DIRECTORY,
        table="service_officer_events",
        key="account_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
    ),
    Rule(
        area=Area.DIRECTORY,
        table="service_officer_events",
        key="to_name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("to_name",),
    ),
)

SYMPOSIUMS: Final[tuple[Rule, ...]] = (
    Rule(area=Area.SYMPOSIUMS, table="symposium_votes", key="account_id", fate=_DELETE),
    Rule(
        area=Area.SYMPOSIUMS,
        table="symposium_issues",
        key="account_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
    ),
    Rule(
        area=Area.SYMPOSIUMS,
        table="symposium_issues",
        key="owner_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("owner_name",),
    ),
    Rule(area=Area.SYMPOSIUMS, table="symposiums", key="created_by", fate=_KEEP, reason=OURS),
    Rule(
        area=Area.SYMPOSIUMS,
        table="symposiums",
        key="speaker",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("speaker",),
    ),
)
