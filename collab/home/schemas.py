"""The reply of the home page: this struct is the API."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.assist.job_schemas import JobView
from collab.calls.schemas import CallView
from collab.notices.schemas import NoticeView
from collab.requests.schemas import RequestView
from collab.schedule.schemas import OccurrenceView
from collab.symposiums.schemas import SymposiumView


class HomeQuery(Struct, frozen=True, forbid_unknown_fields=True):
    locale: Annotated[str, Meta(max_length=16)] = ""  # of the notices; the account's, when empty


class MissedCallView(Struct, frozen=True):
    id: str
    from_id: str  # "" when the account is gone
    from_name: str
    about: str
    path: str
    at_ms: int
    notice_id: str  # that tells of it; once it is read the call is no longer listed


class ActionItemView(Struct, frozen=True):
    id: str
    event_id: str
    key: str  # of the occurrence
    text: str
    meeting: str
    due: str  # 2026-11-30, "" = no date


class DeskWaiting(Struct, frozen=True):
    unowned: int
    late: int


class HomeView(Struct, frozen=True, kw_only=True):
    """Of each the most urgent few."""

    meetings: tuple[OccurrenceView, ...]  # that run now or begin within a day and a half
    acting: tuple[RequestView, ...]  # where one has to do something, by the clock
    items: tuple[ActionItemView, ...]
    ringing: tuple[CallView, ...]  # at this person
    missed: tuple[MissedCallView, ...]
    notices: tuple[NoticeView, ...]  # unread
    unread: int
    jobs: tuple[JobView, ...]  # that are not over
    symposiums: tuple[SymposiumView, ...]  # that are live or still to come
    recent: tuple[RequestView, ...]  # that one filed
    desk: DeskWaiting | None  # for the park's officers
    server_time_ms: int
