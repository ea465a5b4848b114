"""Every kind of notice there is, the part of the product it belongs to, and how it travels unless people choose."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class NoticeKind(StrEnum):
    """Closed: a feature adds its own here, in `KINDS` below and in words.py."""

    ANNOUNCEMENT = "announcement"
    ANNOUNCEMENT_CHANGED = "announcement_changed"
    ANNOUNCEMENT_REMINDER = "announcement_reminder"
    ANNOUNCEMENT_WITHDRAWN = "announcement_withdrawn"
    CALL = "call"
    CALL_MISSED = "call_missed"
    REQUEST_FILED = "request_filed"
    REQUEST_TAKEN = "request_taken"
    REQUEST_ASKED = "request_asked"
    REQUEST_PROVIDED = "request_provided"
    REQUEST_APPROVED = "request_approved"
    REQUEST_REJECTED = "request_rejected"
    REQUEST_ANSWERED = "request_answered"
    REQUEST_FINISHED = "request_finished"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_REOPENED = "request_reopened"
    REQUEST_OFFERED = "request_offered"
    REQUEST_ACCEPTED = "request_accepted"
    REQUEST_DECLINED = "request_declined"
    REQUEST_DUE = "request_due"
    REQUEST_LATE = "request_late"
    REQUEST_COMMENTED = "request_commented"
    MEETING_INVITED = "meeting_invited"
    MEETING_CHANGED = "meeting_changed"
    MEETING_CANCELLED = "meeting_cancelled"
    MEETING_ANSWERED = "meeting_answered"
    MEETING_REMINDER = "meeting_reminder"
    ACTION_ITEM = "action_item"
    CERTIFICATE_ENDS = "certificate_ends"
    NEED_INVITED = "need_invited"
    NEED_OFFERED = "need_offered"
    NEED_DECLINED = "need_declined"
    NEED_ACCEPTED = "need_accepted"
    NEED_LAPSED = "need_lapsed"
    FINDING_NEW = "finding_new"
    FINDING_REMEDIED = "finding_remedied"
    FINDING_LATE = "finding_late"
    OFFICER_NAMED = "officer_named"
    OFFICER_OFFERED = "officer_offered"
    OFFICER_ACCEPTED = "officer_accepted"
    OFFICER_DECLINED = "officer_declined"
    OFFICER_COVERS = "officer_covers"
    HEALTH_CONCERN = "health_concern"
    HEALTH_COMPANY = "health_company"
    POLICY_PUBLISHED = "policy_published"
    SYMPOSIUM_CALLED = "symposium_called"
    SYMPOSIUM_BEGUN = "symposium_begun"
    SYMPOSIUM_ASSIGNED = "symposium_assigned"
    SYMPOSIUM_ANSWERED = "symposium_answered"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a name
    WEBHOOK_OFF = "webhook_off"


class Area(StrEnum):
    """What the page of the settings groups kinds by."""

    PARK = "park"
    CALLS = "calls"
    REQUESTS = "requests"
    SCHEDULE = "schedule"
    DIRECTORY = "directory"  # needs, crews, spot checks, service officers


class MailChoice(StrEnum):
    NOW = "now"
    DIGEST = "digest"  # once a day, all in one
    OFF = "off"


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of notice reaches a person beside the inbox, which has them all."""

    mail: MailChoice
    push: bool


class Kind(Struct, frozen=True):
    area: Area
    usual: Choice
    zh: str  # its name where people choose
    en: str
    fixed: bool = False  # nobody chooses: whoever holds a stolen session must not silence it


_now = Choice(mail=MailChoice.NOW, push=True)
_digest = Choice(mail=MailChoice.DIGEST, push=True)
_push_only = Choice(mail=MailChoice.OFF, push=True)

KINDS: Mapping[NoticeKind, Kind] = {
    NoticeKind.ANNOUNCEMENT: Kind(Area.PARK, _digest, "园区通知", "Announcements of the park"),
    NoticeKind.ANNOUNCEMENT_CHANGED: Kind(Area.PARK, _digest, "通知有更新", "An announcement was changed"),
    NoticeKind.ANNOUNCEMENT_REMINDER: Kind(Area.PARK, _now, "提醒阅读通知", "Reminders of announcements not read"),
    NoticeKind.ANNOUNCEMENT_WITHDRAWN: Kind(Area.PARK, _push_only, "通知已撤回", "An announcement was withdrawn"),
    NoticeKind.CALL: Kind(Area.CALLS, _push_only, "来电", "Somebody calls"),  # over before a mail is read
    NoticeKind.CALL_MISSED: Kind(Area.CALLS, _now, "未接来电", "Missed calls"),
    NoticeKind.REQUEST_FILED: Kind(Area.REQUESTS, _now, "有新事项", "A request was filed"),
    NoticeKind.REQUEST_TAKEN: Kind(Area.REQUESTS, _push_only, "事项已有人接手", "Somebody took your request"),
    NoticeKind.REQUEST_ASKED: Kind(Area.REQUESTS, _now, "需要补充材料", "More is asked of you"),
    NoticeKind.REQUEST_PROVIDED: Kind(Area.REQUESTS, _now, "材料已补充", "What you asked for was provided"),
    NoticeKind.REQUEST_APPROVED: Kind(Area.REQUESTS, _now, "事项已批准", "A request was approved"),
    NoticeKind.REQUEST_REJECTED: Kind(Area.REQUESTS, _now, "事项未批准", "A request was rejected"),
    NoticeKind.REQUEST_ANSWERED: Kind(Area.REQUESTS, _now, "事项已答复", "A request was answered"),
    NoticeKind.REQUEST_FINISHED: Kind(Area.REQUESTS, _now, "事项已办结", "A request is done"),
    NoticeKind.REQUEST_WITHDRAWN: Kind(Area.REQUESTS, _now, "事项已撤回", "A request was withdrawn"),
    NoticeKind.REQUEST_REOPENED: Kind(Area.REQUESTS, _now, "事项已重新打开", "A request was reopened"),
    NoticeKind.REQUEST_OFFERED: Kind(Area.REQUESTS, _now, "请求移交给您", "A request is offered to you"),
    NoticeKind.REQUEST_ACCEPTED: Kind(Area.REQUESTS, _push_only, "移交已接受", "Your hand-over was accepted"),
    NoticeKind.REQUEST_DECLINED: Kind(Area.REQUESTS, _now, "移交被谢绝", "Your hand-over was declined"),
    NoticeKind.REQUEST_DUE: Kind(Area.REQUESTS, _push_only, "事项即将到期", "A request of yours is due soon"),
    NoticeKind.REQUEST_LATE: Kind(Area.REQUESTS, _now, "事项超时", "A request is late"),
    NoticeKind.REQUEST_COMMENTED: Kind(Area.REQUESTS, _now, "事项有新留言", "A comment on a request"),
    # The invitation itself is a mail.
    NoticeKind.MEETING_INVITED: Kind(Area.SCHEDULE, _push_only, "会议邀请", "You are invited to a meeting"),
    NoticeKind.MEETING_CHANGED: Kind(Area.SCHEDULE, _push_only, "会议有变动", "A meeting was changed"),
    NoticeKind.MEETING_CANCELLED: Kind(Area.SCHEDULE, _push_only, "会议取消", "A meeting was cancelled"),
    NoticeKind.MEETING_ANSWERED: Kind(Area.SCHEDULE, _digest, "对邀请的答复", "Answers to your invitations"),
    NoticeKind.MEETING_REMINDER: Kind(Area.SCHEDULE, _push_only, "会议提醒", "A meeting begins soon"),
    NoticeKind.ACTION_ITEM: Kind(Area.SCHEDULE, _now, "交给您的事", "Action items of yours"),
    NoticeKind.CERTIFICATE_ENDS: Kind(Area.DIRECTORY, _now, "证书即将到期", "A certificate ends soon"),
    NoticeKind.NEED_INVITED: Kind(Area.DIRECTORY, _now, "需求邀请", "Your crew is asked about a need"),
    NoticeKind.NEED_OFFERED: Kind(Area.DIRECTORY, _now, "班组应邀", "A crew offers for your need"),
    NoticeKind.NEED_DECLINED: Kind(Area.DIRECTORY, _push_only, "应邀被婉拒", "An offer or invitation was declined"),
    NoticeKind.NEED_ACCEPTED: Kind(Area.DIRECTORY, _now, "应邀被接受", "Your offer was accepted"),
    NoticeKind.NEED_LAPSED: Kind(Area.DIRECTORY, _digest, "需求已另有安排", "A need was settled otherwise"),
    NoticeKind.FINDING_NEW: Kind(Area.DIRECTORY, _now, "抽查发现问题", "A spot check found something"),
    NoticeKind.FINDING_REMEDIED: Kind(Area.DIRECTORY, _now, "问题已整改", "A finding was remedied"),
    NoticeKind.FINDING_LATE: Kind(Area.DIRECTORY, _now, "整改超期", "A finding is late"),
    NoticeKind.OFFICER_NAMED: Kind(Area.DIRECTORY, _now, "服务专员指定", "A service officer was named"),
    NoticeKind.OFFICER_OFFERED: Kind(Area.DIRECTORY, _now, "企业移交给您", "A company is offered to you"),
    NoticeKind.OFFICER_ACCEPTED: Kind(Area.DIRECTORY, _push_only, "企业移交已接受", "A company was taken over"),
    NoticeKind.OFFICER_DECLINED: Kind(Area.DIRECTORY, _push_only, "企业移交被谢绝", "A company was not taken over"),
    NoticeKind.OFFICER_COVERS: Kind(Area.DIRECTORY, _now, "请您代班", "You stand in for a colleague"),
    NoticeKind.HEALTH_CONCERN: Kind(Area.PARK, _now, "健康提醒", "A place at risk concerns you"),
    NoticeKind.HEALTH_COMPANY: Kind(Area.PARK, _now, "企业健康提醒", "A place at risk concerns people of your company"),
    NoticeKind.POLICY_PUBLISHED: Kind(Area.PARK, _digest, "可申请的政策", "A policy that you may apply for"),
    NoticeKind.SYMPOSIUM_CALLED: Kind(Area.PARK, _digest, "恳谈会征集议题", "A symposium collects issues"),
    NoticeKind.SYMPOSIUM_BEGUN: Kind(Area.PARK, _push_only, "恳谈会开始", "A symposium begins"),
    NoticeKind.SYMPOSIUM_ASSIGNED: Kind(Area.PARK, _now, "议题交给您", "An issue of a symposium is yours"),
    NoticeKind.SYMPOSIUM_ANSWERED: Kind(Area.PARK, _now, "议题已答复", "An issue of a symposium was answered"),
    NoticeKind.PASSWORD_CHANGED: Kind(Area.PARK, _now, "密码已更改", "Your password was changed", fixed=True),
    NoticeKind.WEBHOOK_OFF: Kind(Area.PARK, _now, "Webhook 停用", "A webhook was switched off"),
}
