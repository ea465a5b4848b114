"""What a notice says, for each kind in Chinese and English.  {names} are its parameters; the text may be empty.

Every text is one line in an inbox, the subject of a mail and what a locked phone shows: short, and nothing that only
the person may see beyond what the title needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from .kinds import NoticeKind

TITLE_MAX_CHARS: Final = 200
TEXT_MAX_CHARS: Final = 1_000

_PLACE = re.compile(r"\{([a-z_]+)\}")
_END = re.compile(_PLACE.pattern + r"\Z")


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


def language_of(locale: str) -> Language:
    return Language.EN if locale.lower().startswith("en") else Language.ZH


class Lines(Struct, frozen=True):
    title: str
    text: str
    action: str  # the button that leads to where one acts

    def filled(self, params: Mapping[str, str]) -> Lines:
        """What a notice lacks stays empty: an old one must still be readable by a newer release."""
        return Lines(
            _fill(self.title, params)[:TITLE_MAX_CHARS], _fill(self.text, params)[:TEXT_MAX_CHARS], self.action
        )

    @property
    def places(self) -> frozenset[str]:
        return frozenset(_PLACE.findall(self.title + self.text))


def _fill(template: str, params: Mapping[str, str]) -> str:
    """Not str.format: a value that looks like a place is text, and attributes cannot be reached.

    A colon before an end that is not there goes, too.
    """
    filled = _PLACE.sub(lambda place: params.get(place[1], ""), template)
    end = _END.search(template)
    return filled.rstrip(" :：") if end and not params.get(end[1]) else filled


class Bilingual(Struct, frozen=True):
    zh: Lines
    en: Lines

    def of(self, language: Language) -> Lines:
        return self.zh if language is Language.ZH else self.en


WORDS: Mapping[NoticeKind, Bilingual] = {
    NoticeKind.ANNOUNCEMENT: Bilingual(
        zh=Lines("通知：{title}", "{from}：{text}", "阅读全文"),
        en=Lines("Announcement: {title}", "{from}: {text}", "Read it"),
    ),
    NoticeKind.ANNOUNCEMENT_CHANGED: Bilingual(
        zh=Lines("通知有更新：{title}", "{from}：{text}", "阅读新版"),
        en=Lines("Announcement changed: {title}", "{from}: {text}", "Read the new version"),
    ),
    NoticeKind.ANNOUNCEMENT_REMINDER: Bilingual(
        zh=Lines("您还未阅读：{title}", "{from}：{text}", "阅读全文"),
        en=Lines("Not read yet: {title}", "{from}: {text}", "Read it"),
    ),
    NoticeKind.ANNOUNCEMENT_WITHDRAWN: Bilingual(
        zh=Lines("通知已撤回：{title}", "{from} 已撤回，内容不再有效。", "查看"),
        en=Lines("Announcement withdrawn: {title}", "{from} has taken it back: it no longer holds.", "Open"),
    ),
    NoticeKind.CALL: Bilingual(
        zh=Lines("{from} 正在呼叫您", "事由：{about}", "接听"),
        en=Lines("{from} is calling you", "About: {about}", "Answer"),
    ),
    NoticeKind.CALL_MISSED: Bilingual(
        zh=Lines("未接来电：{from}", "事由：{about}", "查看"),
        en=Lines("Missed call from {from}", "About: {about}", "Open"),
    ),
    NoticeKind.REQUEST_FILED: Bilingual(
        zh=Lines("新事项待受理：{number} {title}", "提交人：{by}", "去受理"),
        en=Lines("New request to take: {number} {title}", "Filed by {by}", "Take it"),
    ),
    NoticeKind.REQUEST_TAKEN: Bilingual(
        zh=Lines("{by} 已受理 {number} {title}", "", "查看"),
        en=Lines("{by} has taken {number} {title}", "", "Open"),
    ),
    NoticeKind.REQUEST_ASKED: Bilingual(
        zh=Lines("请补充：{number} {title}", "{by}：{note}", "去办理"),
        en=Lines("Please add to {number} {title}", "{by}: {note}", "Act on it"),
    ),
    NoticeKind.REQUEST_PROVIDED: Bilingual(
        zh=Lines("已补充：{number} {title}", "{by}：{note}", "查看"),
        en=Lines("Added to: {number} {title}", "{by}: {note}", "Open"),
    ),
    NoticeKind.REQUEST_APPROVED: Bilingual(
        zh=Lines("已批准：{number} {title}", "{note}", "查看"),
        en=Lines("Approved: {number} {title}", "{note}", "Open"),
    ),
    NoticeKind.REQUEST_REJECTED: Bilingual(
        zh=Lines("未批准：{number} {title}", "{note}", "查看"),
        en=Lines("Not approved: {number} {title}", "{note}", "Open"),
    ),
    NoticeKind.REQUEST_ANSWERED: Bilingual(
        zh=Lines("已答复：{number} {title}", "{note}", "查看"),
        en=Lines("Answered: {number} {title}", "{note}", "Open"),
    ),
    NoticeKind.REQUEST_FINISHED: Bilingual(
        zh=Lines("已办结：{number} {title}", "{note}", "查看"),
        en=Lines("Done: {number} {title}", "{note}", "Open"),
    ),
    NoticeKind.REQUEST_WITHDRAWN: Bilingual(
        zh=Lines("已撤回：{number} {title}", "{by}：{note}", "查看"),
        en=Lines("Withdrawn: {number} {title}", "{by}: {note}", "Open"),
    ),
    NoticeKind.REQUEST_REOPENED: Bilingual(
        zh=Lines("重新打开：{number} {title}", "{by}：{note}", "查看"),
        en=Lines("Reopened: {number} {title}", "{by}: {note}", "Open"),
    ),
    NoticeKind.REQUEST_OFFERED: Bilingual(
        zh=Lines("{by} 想把 {number} 移交给您", "{title} {note}", "去办理"),
        en=Lines("{by} would hand {number} over to you", "{title} {note}", "Act on it"),
    ),
    NoticeKind.REQUEST_ACCEPTED: Bilingual(
        zh=Lines("{by} 已接手 {number} {title}", "", "查看"),
        en=Lines("{by} has taken over {number} {title}", "", "Open"),
    ),
    NoticeKind.REQUEST_DECLINED: Bilingual(
        zh=Lines("{by} 未接手 {number} {title}", "{note}", "查看"),
        en=Lines("{by} did not take over {number} {title}", "{note}", "Open"),
    ),
    NoticeKind.REQUEST_DUE: Bilingual(
        zh=Lines("即将到期：{number} {title}", "请在时限内办理或移交。", "去办理"),
        en=Lines("Due soon: {number} {title}", "Please settle it in time, or hand it over.", "Act on it"),
    ),
    NoticeKind.REQUEST_LATE: Bilingual(
        zh=Lines("已超时：{number} {title}", "请尽快办理或移交。", "去办理"),
        en=Lines("Late: {number} {title}", "Please settle it soon, or hand it over.", "Act on it"),
    ),
    NoticeKind.REQUEST_COMMENTED: Bilingual(
        zh=Lines("{by} 在 {number} {title} 中留言", "{note}", "查看"),
        en=Lines("{by} wrote about {number} {title}", "{note}", "Open"),
    ),
    NoticeKind.MEETING_INVITED: Bilingual(
        zh=Lines("{from} 邀请您开会：{title}", "时间：{when}", "查看并答复"),
        en=Lines("{from} invites you: {title}", "When: {when}", "Look and answer"),
    ),
    NoticeKind.MEETING_CHANGED: Bilingual(
        zh=Lines("会议有变动：{title}", "{from} 改到：{when}", "查看"),
        en=Lines("Meeting changed: {title}", "By {from}, now: {when}", "Open"),
    ),
    NoticeKind.MEETING_CANCELLED: Bilingual(
        zh=Lines("会议取消：{title}", "{from}，原定 {when}", "查看"),
        en=Lines("Meeting cancelled: {title}", "{from}, was to be {when}", "Open"),
    ),
    NoticeKind.MEETING_ANSWERED: Bilingual(
        zh=Lines("{from} 已答复（{answer}）：{title}", "时间：{when}{note}", "查看"),
        en=Lines("{from} {answer}: {title}", "When: {when}{note}", "Open"),
    ),
    NoticeKind.MEETING_REMINDER: Bilingual(
        zh=Lines("即将开始：{title}", "时间：{when}", "进入会议室"),
        en=Lines("Begins soon: {title}", "When: {when}", "To the room"),
    ),
    NoticeKind.ACTION_ITEM: Bilingual(
        zh=Lines("{from} 交给您一件事：{item}", "会议：{title}，期限：{due}", "打开纪要"),
        en=Lines("{from} asks you to do: {item}", "Meeting: {title}, due: {due}", "Open the minutes"),
    ),
    NoticeKind.CERTIFICATE_ENDS: Bilingual(
        zh=Lines("证书将于 {until} 到期：{title}", "到期后，需要该工种的需求将不再匹配到贵方班组。", "更新证书"),
        en=Lines(
            "Ends on {until}: {title}", "After that no need that asks for this trade finds your crews.", "Renew it"
        ),
    ),
    NoticeKind.NEED_INVITED: Bilingual(
        zh=Lines("{company} 邀请 {crew}：{title}", "时间：{when}", "查看并答复"),
        en=Lines("{company} asks {crew}: {title}", "When: {when}", "Look and answer"),
    ),
    NoticeKind.NEED_OFFERED: Bilingual(
        zh=Lines("{crew} 应邀：{title}", "{note}", "去选定"),
        en=Lines("{crew} offers for {title}", "{note}", "Decide"),
    ),
    NoticeKind.NEED_DECLINED: Bilingual(
        zh=Lines("{by} 婉拒：{title}", "班组：{crew}。{note}", "查看"),
        en=Lines("{by} declined: {title}", "Crew: {crew}. {note}", "Open"),
    ),
    NoticeKind.NEED_ACCEPTED: Bilingual(
        zh=Lines("{company} 选定 {crew}：{title}", "时间：{when}，安装任务已建立。", "打开任务"),
        en=Lines("{company} chose {crew}: {title}", "When: {when}. The installation job is there.", "Open the job"),
    ),
    NoticeKind.NEED_LAPSED: Bilingual(
        zh=Lines("需求已另有安排：{title}", "{crew} 无需再准备，谢谢应邀。", "查看"),
        en=Lines("Settled otherwise: {title}", "{crew} need not prepare any more. Thank you.", "Open"),
    ),
    NoticeKind.FINDING_NEW: Bilingual(
        zh=Lines("请于 {due} 前整改：{title}", "{text}", "去整改"),
        en=Lines("To be remedied by {due}: {title}", "{text}", "Act on it"),
    ),
    NoticeKind.FINDING_REMEDIED: Bilingual(
        zh=Lines("{by} 已整改：{title}", "{text}", "去复查"),
        en=Lines("{by} has remedied: {title}", "{text}", "Look again"),
    ),
    NoticeKind.FINDING_LATE: Bilingual(
        zh=Lines("整改已超期（{due}）：{title}", "{text}", "查看"),
        en=Lines("Late since {due}: {title}", "{text}", "Open"),
    ),
    NoticeKind.OFFICER_NAMED: Bilingual(
        zh=Lines("{officer} 担任 {company} 的服务专员", "{by} 指定", "查看"),
        en=Lines("{officer} is the service officer of {company}", "Named by {by}", "Open"),
    ),
    NoticeKind.OFFICER_OFFERED: Bilingual(
        zh=Lines("{by} 想把 {company} 移交给您", "{note}", "去办理"),
        en=Lines("{by} would hand {company} over to you", "{note}", "Act on it"),
    ),
    NoticeKind.OFFICER_ACCEPTED: Bilingual(
        zh=Lines("{by} 已接手 {company}", "", "查看"),
        en=Lines("{by} looks after {company} from now on", "", "Open"),
    ),
    NoticeKind.OFFICER_DECLINED: Bilingual(
        zh=Lines("{by} 未接手 {company}", "{note}", "查看"),
        en=Lines("{by} did not take over {company}", "{note}", "Open"),
    ),
    NoticeKind.OFFICER_COVERS: Bilingual(
        zh=Lines("{by} 请您代班", "{when}", "查看"),
        en=Lines("You stand in for {by}", "{when}", "Open"),
    ),
    NoticeKind.HEALTH_CONCERN: Bilingual(
        zh=Lines("园区健康提醒：请您查看", "请登录查看详情，并留意园区工作人员的联系。", "查看"),
        en=Lines(
            "The park's health desk asks you to look", "Sign in to read it, and expect a call from the park.", "Open"
        ),
    ),
    NoticeKind.HEALTH_COMPANY: Bilingual(
        zh=Lines("园区健康提醒：贵单位有 {count} 人需要关注", "已分别通知本人，请配合园区工作人员。", "查看"),
        en=Lines(
            "The park's health desk has told {count} of your company's people",
            "Each was told; please help the park's staff.",
            "Open",
        ),
    ),
    NoticeKind.POLICY_PUBLISHED: Bilingual(
        zh=Lines("贵公司可以申请：{title}", "{until}", "查看并申请"),
        en=Lines("You may apply: {title}", "{until}", "Look and apply"),
    ),
    NoticeKind.SYMPOSIUM_CALLED: Bilingual(
        zh=Lines("征集议题：{title}", "把希望解决的问题提上来，大家可以附议。", "提出议题"),
        en=Lines("Bring your issues: {title}", "What slows you down? Back what others bring, too.", "Bring an issue"),
    ),
    NoticeKind.SYMPOSIUM_BEGUN: Bilingual(
        zh=Lines("恳谈会开始了：{title}", "您关心的议题在会上讨论。", "参加"),
        en=Lines("The symposium begins: {title}", "An issue that you stand behind is to be talked about.", "Come"),
    ),
    NoticeKind.SYMPOSIUM_ASSIGNED: Bilingual(
        zh=Lines("恳谈会议题由您负责：{title}", "{decision}", "办理"),
        en=Lines("An issue of the symposium is yours: {title}", "{decision}", "Open"),
    ),
    NoticeKind.SYMPOSIUM_ANSWERED: Bilingual(
        zh=Lines("议题已答复：{title}", "{answer}", "查看"),
        en=Lines("Answered: {title}", "{answer}", "Look"),
    ),
    NoticeKind.PASSWORD_CHANGED: Bilingual(
        zh=Lines(
            "您的密码已更改",
            "其他设备上的登录均已退出。如果不是您本人操作，请立即重新设置密码，并告知园区管理员。",
            "不是我本人操作",
        ),
        en=Lines(
            "Your password was changed",
            "All other sign-ins have ended. If it was not you, choose a new one at once and tell the park.",
            "It was not me",
        ),
    ),
    NoticeKind.WEBHOOK_OFF: Bilingual(
        zh=Lines("Webhook 已停用：{name}", "{host} 不再接收消息。请检查对方系统，然后重新启用。", "查看"),
        en=Lines(
            "A webhook was switched off: {name}",
            "{host} takes no messages any more. Look at that system, then switch it on again.",
            "Look",
        ),
    ),
}


def lines_of(kind: NoticeKind, language: Language, params: Mapping[str, str]) -> Lines:
    return WORDS[kind].of(language).filled(params)
