"""The words of exports and of printed requests, in the two languages of the product."""

from __future__ import annotations

from typing import Final

from .states import Action, Outcome, State
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


ACTIONS: Final = {
    Action.SUBMIT: Words("提交", "Filed"),
    Action.TAKE: Words("受理", "Taken"),
    Action.ASK: Words("要求补充", "Asked for more"),
    Action.PROVIDE: Words("补充", "Added to"),
    Action.APPROVE_STEP: Words("通过一步", "Step passed"),
    Action.APPROVE: Words("批准", "Approved"),
    Action.REJECT: Words("不予批准", "Not approved"),
    Action.ANSWER: Words("答复", "Answered"),
    Action.FINISH: Words("办结", "Done"),
    Action.WITHDRAW: Words("撤回", "Withdrawn"),
    Action.REOPEN: Words("重新打开", "Reopened"),
    Action.OFFER: Words("提出移交", "Offered to hand over"),
    Action.ACCEPT: Words("接手", "Taken over"),
    Action.DECLINE: Words("未接手", "Not taken over"),
    Action.RETRACT: Words("取消移交", "Offer taken back"),
    Action.ESCALATE: Words("超时上报", "Escalated"),
}
PRINTED: Final = {
    "number": Words("编号", "Number"),
    "state": Words("状态", "State"),
    "organization": Words("单位", "Organization"),
    "requester": Words("提交人", "Requester"),
    "owner": Words("首接负责人", "Owner"),
    "filed": Words("提交时间", "Filed"),
    "due": Words("时限", "Due"),
    "decided": Words("办结时间", "Decided"),
    "answers": Words("填报内容", "What was asked and answered"),
    "documents": Words("材料清单", "Checklist"),
    "document": Words("材料", "Document"),
    "files": Words("文件", "Files"),
    "checked": Words("符合要求", "Accepted"),
    "events": Words("办理过程", "What happened"),
    "comments": Words("留言", "Comments"),
    "at": Words("时间", "When"),
    "action": Words("动作", "What"),
    "by": Words("经办人", "Who"),
    "note": Words("说明", "Words"),
    "clock": Words("系统", "The clock"),
}
