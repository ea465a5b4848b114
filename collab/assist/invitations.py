"""A link as a picture and as a text message."""

from __future__ import annotations

import io

import segno

from rooms.core.assist_model import AssistRole

_ZH = {AssistRole.ON_SITE: "现场", AssistRole.EXPERT: "专家", AssistRole.OBSERVER: "观察员"}
_EN = {
    AssistRole.ON_SITE: "on site, with your phone’s camera",
    AssistRole.EXPERT: "as the expert",
    AssistRole.OBSERVER: "as an observer",
}


def qr_svg(text: str) -> bytes:
    """Of the size that its place has; error correction M, which survives a thumb on a sticker."""
    drawing = io.BytesIO()
    segno.make(text, error="m").save(
        drawing, kind="svg", border=2, scale=8, xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return drawing.getvalue()


def sms_zh(inviter: str, role: AssistRole, url: str, hours: int, one_time: bool) -> str:
    once = "，仅限一台设备" if one_time else ""
    return (
        f"【同心】{inviter}邀请您以{_ZH[role]}身份加入远程协助，点开即用，无需安装：{url} （{hours}小时内有效{once}）"
    )


def sms_en(inviter: str, role: AssistRole, url: str, hours: int, one_time: bool) -> str:
    once = ", on one device" if one_time else ""
    return (
        f"Tongxin: {inviter} asks you to join remote assistance {_EN[role]}. Nothing to install: {url} "
        f"(good for {hours} h{once})"
    )
