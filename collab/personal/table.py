"""What becomes of every column that says who somebody is, when that person is erased, and what an export holds.

The account itself stays as a stone with a pseudonym (the last step of erasing.py): rows that must stay go on naming its
id, which then leads to nobody.  A test walks all tables: a column that looks like a person's, and stands neither here
nor in NOT_PERSONAL, fails it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .rules import Area, By, Fate, FileOf, Rule, Stamp, Through

OURS: Final = "work of the organization; who made it is a pseudonym then"
OTHERS_NEED: Final = "the other party's record of what was agreed; under a pseudonym"
EVIDENCE: Final = "a record that may be asked for in law; under a pseudonym"
SIGNED: Final = "a signed report must stay as it was signed: its seal covers every byte"
BY_NAME: Final = "the row has a name and no account; it is changed where no namesake has an account"
LOG_STAYS: Final = "the audit log is never changed; its readers see the pseudonym, and lines go when their time is over"
FILED: Final = "answers of a request that was filed are the company's; they go when the type says so"

_DELETE, _ANONYMISE, _KEEP = Fate.DELETE, Fate.ANONYMISE, Fate.KEEP

_ACCOUNT: Final = (
    Rule(area=Area.ACCOUNT, table="memberships", key="account_id", fate=_DELETE),
    Rule(
        area=Area.ACCOUNT, table="one_time_links", key="email", by=By.EMAIL, fate=_DELETE, others=("name",)
    ),
    Rule(
        area=Area.ACCOUNT, table="one_time_links", key="created_by", exported=False, fate=_KEEP, reason="ends by itself within days"
    ),
    Rule(area=Area.ACCOUNT, table="desk_group_members", key="account_id", fate=_DELETE),
    Rule(area=Area.ACCOUNT, table="personal_exports", key="account_id", fate=_DELETE),
    Rule(area=Area.ACCOUNT, table="personal_exports", key="asked_by", exported=False, fate=_KEEP, reason="another person's export"),
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

_CALENDAR: Final = (
    Rule(area=Area.CALENDAR, table="schedule_people", key="account_id", fate=_DELETE),
    Rule(
        area=Area.CALENDAR,
        table="schedule_answers",
        key="account_id",
        fate=_DELETE,
        through=Through("invitee_id", "schedule_invitees"),
    ),
    Rule(
        area=Area.CALENDAR, table="schedule_invitees", key="account_id", fate=_DELETE, others=("email", "name")
    ),
    Rule(
        area=Area.CALENDAR, table="schedule_invitees", key="email", by=By.EMAIL, fate=_DELETE, others=("name",)
    ),
    Rule(area=Area.CALENDAR, table="schedule_events", key="organizer_id", fate=_KEEP, reason=OTHERS_NEED),
    Rule(
        area=Area.CALENDAR,
        table="schedule_action_items",
        key="owner_id",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("owner_name",),
    ),
    Rule(
        area=Area.CALENDAR,
        table="schedule_minutes",
        key="changed_by",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("changed_by",),
    ),
)

_MEETINGS: Final = (
    Rule(
        area=Area.MEETINGS,
        table="chat_messages",
        key="sender_id",
        fate=_ANONYMISE,
        reason="others answered to it: its place stays, its text does not",
        names=("sender_name",),
        blanks={"text": "", "deleted": True},
    ),
    Rule(
        area=Area.MEETINGS,
        table="attendance",
        key="identity",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
    ),
    Rule(area=Area.MEETINGS, table="room_tokens", key="created_by", exported=False, fate=_DELETE, others=("identity", "name")),
    Rule(area=Area.MEETINGS, table="room_tokens", key="identity", fate=_DELETE, others=("name",)),
    Rule(area=Area.MEETINGS, table="room_removals", key="identity", fate=_DELETE),
    Rule(
        area=Area.MEETINGS,
        table="recordings",
        key="host_id",
        fate=_ANONYMISE,
        reason="films of meetings that belong to no organization go to the trash, and from there for good",
        through=Through("meeting_id", "meetings", without="organization_id"),
        blanks={"trashed_at_ms": Stamp.NOW},
    ),
    Rule(area=Area.MEETINGS, table="recordings", key="started_by", fate=_KEEP, reason=OURS),
    Rule(area=Area.MEETINGS, table="meetings", key="host_id", fate=_KEEP, reason=OTHERS_NEED),
    Rule(
        area=Area.CALLS,
        table="calls",
        key="from_id",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("from_name",),
    ),
    Rule(area=Area.CALLS, table="calls", key="to_id", fate=_ANONYMISE, reason=OTHERS_NEED, names=("to_name",)),
    Rule(
        area=Area.CALLS,
        table="calls",
        key="note_by",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("note_by",),
    ),
)

_REQUESTS: Final = (
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
        key="owner_id", exported=False,
        fate=_KEEP,
        reason=EVIDENCE,
        others=("asked_id", "offered_to_id"),
    ),
    Rule(
        area=Area.REQUESTS,
        table="request_events",
        key="account_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
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

_HEALTH: Final = (
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
        key="reader_id", exported=False,
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("reader_name",),
    ),
    Rule(
        area=Area.HEALTH,
        table="health_concern_events",
        key="account_id", exported=False,
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

_NOTICES: Final = (
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
        area=Area.NOTICES,
        table="announcements",
        key="author_id",
        fate=_ANONYMISE,
        reason=OURS,
        names=("author_name",),
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

_ASSISTANCE: Final = (
    Rule(area=Area.ASSISTANCE, table="machines", key="created_by", fate=_KEEP, reason=OURS),
    Rule(area=Area.ASSISTANCE, table="installation_jobs", key="created_by", fate=_KEEP, reason=OURS),
    Rule(
        area=Area.ASSISTANCE,
        table="installation_job_events",
        key="account_id",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("name",),
    ),
    Rule(area=Area.ASSISTANCE, table="assist_sessions", key="created_by", fate=_KEEP, reason=OURS),
    Rule(area=Area.ASSISTANCE, table="assist_links", key="created_by", fate=_KEEP, reason=OURS),
    Rule(
        area=Area.ASSISTANCE,
        table="assist_links",
        key="name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("name",),
    ),
    Rule(area=Area.ASSISTANCE, table="assist_link_openings", key="identity", fate=_DELETE, others=("name",)),
    Rule(
        area=Area.ASSISTANCE,
        table="assist_stills",
        key="identity",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("name",),
        file=FileOf("file_sha256"),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="assist_documents",
        key="identity",
        fate=_ANONYMISE,
        reason=OURS,
        names=("name",),
        file=FileOf("file_sha256", "title"),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="assist_open_items",
        key="identity",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("name",),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="assist_open_items",
        key="done_by_name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("done_by_name",),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="instruction_runs",
        key="identity",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("name",),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="instruction_answers",
        key="identity",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("name",),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="assist_signatures",
        key="identity",
        fate=_KEEP,
        reason=SIGNED,
        others=("name",),
    ),
    Rule(area=Area.ASSISTANCE, table="assist_reports", key="name", by=By.NAME, fate=_KEEP, reason=SIGNED),
    Rule(area=Area.ASSISTANCE, table="instruction_templates", key="created_by", fate=_KEEP, reason=OURS),
    Rule(
        area=Area.ASSISTANCE,
        table="instruction_versions",
        key="name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("name",),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="job_milestones",
        key="name",
        by=By.NAME,
        fate=_ANONYMISE,
        reason=BY_NAME,
        names=("name",),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="spot_checks",
        key="inspector_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("inspector_name",),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="spot_check_finding_events",
        key="account_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
    ),
    Rule(
        area=Area.ASSISTANCE,
        table="spot_check_photos",
        key="account_id",
        fate=_ANONYMISE,
        reason=EVIDENCE,
        names=("name",),
        file=FileOf("file_sha256"),
    ),
)

_DIRECTORY: Final = (
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
        area=Area.DIRECTORY,
        table="need_events",
        key="account_id",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("name",),
    ),
    Rule(
        area=Area.DIRECTORY,
        table="policies",
        key="created_by",
        fate=_KEEP,
        reason=OURS,
    ),
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

_SYMPOSIUMS: Final = (
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
    Rule(
        area=Area.SYMPOSIUMS, table="symposiums", key="created_by", fate=_KEEP, reason=OURS
    ),
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

_LIVESTREAMS: Final = (
    Rule(area=Area.LIVESTREAMS, table="livestream_people", key="account_id", fate=_DELETE),
    Rule(area=Area.LIVESTREAMS, table="livestreams", key="created_by", fate=_KEEP, reason=OURS),
    Rule(area=Area.LIVESTREAMS, table="livestream_invitees", key="email", by=By.EMAIL, fate=_DELETE),
    Rule(
        area=Area.LIVESTREAMS,
        table="livestream_registrations",
        key="account_id",
        fate=_DELETE,
        others=("email", "name"),
    ),
    Rule(
        area=Area.LIVESTREAMS,
        table="livestream_registrations",
        key="email",
        by=By.EMAIL,
        fate=_DELETE,
        others=("name",),
    ),
    Rule(
        area=Area.LIVESTREAMS,
        table="livestream_messages",
        key="viewer_id",
        fate=_ANONYMISE,
        reason="others answered to it: its place stays, its text does not",
        names=("name",),
        blanks={"text": "", "state": "gone"},
    ),
    Rule(
        area=Area.LIVESTREAMS,
        table="livestream_questions",
        key="viewer_id",
        fate=_ANONYMISE,
        reason=OTHERS_NEED,
        names=("name",),
    ),
    Rule(area=Area.LIVESTREAMS, table="livestream_votes", key="viewer_id", fate=_DELETE),
    Rule(
        area=Area.LIVESTREAMS,
        table="livestream_answers",
        key="viewer_id",
        fate=_ANONYMISE,
        reason="the result of a poll stays",
        names=("name",),
    ),
    Rule(area=Area.LIVESTREAMS, table="livestream_hands", key="viewer_id", fate=_DELETE, others=("name", "identity")),
    Rule(area=Area.LIVESTREAMS, table="livestream_bans", key="viewer_id", fate=_DELETE, others=("name",)),
    Rule(area=Area.LIVESTREAMS, table="livestream_bans", key="by", exported=False, fate=_KEEP, reason=OURS),
    Rule(
        area=Area.LIVESTREAMS,
        table="livestream_visits",
        key="viewer_id",
        fate=_ANONYMISE,
        reason="the audience is counted by them",
        names=("name",),
    ),
)

_LOG: Final = (
    Rule(area=Area.LOG, table="audit_events", key="actor_id", fate=_KEEP, reason=LOG_STAYS, others=("actor_name",)),
    Rule(
        area=Area.LOG,
        table="audit_events",
        key="subject_id", exported=False,
        fate=_KEEP,
        reason=LOG_STAYS,
        others=("subject_name", "address"),
    ),
)

# In this order: what is found through a parent stands before the parent.
RULES: Final[tuple[Rule, ...]] = (
    *_ACCOUNT,
    *_CALENDAR,
    *_MEETINGS,
    *_REQUESTS,
    *_HEALTH,
    *_NOTICES,
    *_ASSISTANCE,
    *_DIRECTORY,
    *_SYMPOSIUMS,
    *_LIVESTREAMS,
    *_LOG,
)

# Columns that look like a person's, and why they are not.  The account itself is erasing.py's last step.
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
