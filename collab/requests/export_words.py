"""The words of exports, in the two languages of the product."""

from __future__ import annotations

from typing import Final

from .states import Outcome, State
from .words import Words

_HEADS: Final = (
    Words("编号", "Number"),
    Words("类型", "Type"),
    Words("标题", "Title"),
    Words("单位", "Organization"),
    Words("提交人", "Requester"),
    Words("状态", "State"),
    Words("结果", "Outcome"),
    Words("首接负责人", "Owner"),
    Words("提交时间", "Filed"),
    Words("受理时间", "Taken"),
    Words("时限", "Due"),
    Words("办结时间", "Decided"),
    Words("超时", "Late"),
)
_STATES: Final = {
    State.DRAFT: Words("草稿", "Draft"),
    State.SUBMITTED: Words("待受理", "Submitted"),
    State.TAKEN: Words("办理中", "Taken"),
    State.NEEDS_INFORMATION: Words("待补充", "Needs information"),
    State.DECIDED: Words("已决定", "Decided"),
    State.DONE: Words("已办结", "Done"),
    State.WITHDRAWN: Words("已撤回", "Withdrawn"),
    State.REOPENED: Words("重新打开", "Reopened"),
}
_OUTCOMES: Final = {
    Outcome.APPROVED: Words("批准", "Approved"),
    Outcome.REJECTED: Words("未批准", "Not approved"),
    Outcome.ANSWERED: Words("已答复", "Answered"),
}
_YES, _NO = Words("是", "Yes"), Words("否", "No")


def heads(language: str) -> list[str]:
    return [words.in_language(language) for words in _HEADS]


def state_name(state: State, language: str) -> str:
    return _STATES[state].in_language(language)


def outcome_name(outcome: Outcome | None, language: str) -> str:
    return _OUTCOMES[outcome].in_language(language) if outcome else ""


def yes_no(value: bool, language: str) -> str:
    return (_YES if value else _NO).in_language(language)
