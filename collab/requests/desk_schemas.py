"""Bodies and replies of the desk: batches, the board by clock, statistics, exports."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import Body, OrganizationId

from .batches import ITEMS_MAX
from .board import Counts
from .schemas import MaybeId, Note, RequestView, Search, StateList, TypeBrief
from .states import Action
from .statistics import CompanyCount, DayCount, TypeCount
from .values import BatchResult
from .visible import Scope

AtMs = Annotated[int, Meta(ge=0, le=32_503_680_000_000)]  # to the year 3000


class NewBatch(Body, frozen=True, kw_only=True):
    """`approve`, `reject` and `answer` take what nobody owns; `note` may hold places such as {number}."""

    action: Action
    note: Note = ""
    request_ids: Annotated[tuple[OrganizationId, ...], Meta(min_length=1, max_length=ITEMS_MAX)]


class BatchItemView(Struct, frozen=True):
    request_id: str
    result: BatchResult
    code: str  # why it was refused


class BatchView(Struct, frozen=True, kw_only=True):
    key: str
    action: Action
    total: int
    done: int
    refused: int
    created_at_ms: int
    finished_at_ms: int  # 0 = under way
    items: tuple[BatchItemView, ...]


class BoardQuery(Body, frozen=True, kw_only=True):
    scope: Scope = Scope.DESK
    type_id: MaybeId = ""


class LaneView(Struct, frozen=True):
    count: int
    requests: tuple[RequestView, ...]  # the most urgent first, 30 at most


class BoardView(Struct, frozen=True, kw_only=True):
    late: LaneView
    soon: LaneView
    later: LaneView
    waiting: LaneView
    counts: Counts
    types: tuple[TypeBrief, ...]  # for the filter
    soon_ms: int  # until when something is due soon: four working hours from now
    server_time_ms: int


class StatisticsQuery(Body, frozen=True, kw_only=True):
    """Of what was filed on the days that lie wholly or in part in [from_ms, to_ms); without, the last 90."""

    from_ms: AtMs = 0
    to_ms: AtMs = 0
    type_id: MaybeId = ""
    organization_id: MaybeId = ""


class StatisticsView(Struct, frozen=True, kw_only=True):
    from_ms: int
    to_ms: int
    types: tuple[TypeCount, ...]
    names: tuple[TypeBrief, ...]
    days: tuple[DayCount, ...]
    hour_edges: tuple[int, ...]
    hours: tuple[int, ...]  # one more than the edges: what took longer
    companies: tuple[CompanyCount, ...]


class ExportQuery(Body, frozen=True, kw_only=True):
    """The filters of the list, and those of the statistics; with one type, its answers too."""

    scope: Scope = Scope.DESK
    state: StateList = ""
    type_id: MaybeId = ""
    organization_id: MaybeId = ""
    search: Search = ""
    late: bool = False
    from_ms: AtMs = 0  # both or neither
    to_ms: AtMs = 0
    language: Annotated[str, Meta(pattern=r"^(zh|en)$")] = "zh"
