"""The findings in words for the command line: one sentence that says what is, one that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .findings import Cure, Finding, Sentence, State


class Language(StrEnum):
    ENGLISH = "en"
    CHINESE = "zh"


def language_of(environment: Mapping[str, str]) -> Language:
    """As gettext decides: the first of these variables that is set."""
    chosen = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return Language.CHINESE if chosen.lower().startswith("zh") else Language.ENGLISH


_SENTENCES: Mapping[Sentence, tuple[str, str]] = {
    Sentence.DATA_FOLDER_FINE: ("The data folder {path} is in order.", "数据目录 {path} 正常。"),
    Sentence.DATA_FOLDER_BAD: ("{cause}", "数据目录有问题:{cause}"),
    Sentence.DATABASE_ANSWERS: ("The database ({kind}) answers.", "数据库({kind})可用。"),
    Sentence.DATABASE_AWAY: ("The database ({kind}) does not answer: {cause}.", "数据库({kind})没有响应:{cause}。"),
    Sentence.DATABASE_OLD: ("The database has an older schema.", "数据库结构不是最新版本。"),
    Sentence.REDIS_ANSWERS: ("Redis answers.", "Redis 可用。"),
    Sentence.REDIS_EMBEDDED: (
        "The private valkey-server starts and answers.",
        "内置的 valkey-server 可以启动并正常响应。",
    ),
    Sentence.REDIS_AWAY: ("Redis does not answer: {cause}.", "Redis 没有响应:{cause}。"),
    Sentence.SERVER_ANSWERS: ("A Tongxin server answers on TCP port {port}.", "TCP 端口 {port} 上的同心服务正在运行。"),
    Sentence.WEB_PORT_FREE: ("TCP port {port} is free for the web server.", "TCP 端口 {port} 空闲,可供网页服务使用。"),
    Sentence.WEB_PORT_TAKEN: ("TCP port {port} is taken by another program.", "TCP 端口 {port} 被其他程序占用。"),
    Sentence.MEDIA_PORT_OPEN: (
        "The media plane answers on {host}, UDP port {port}.",
        "媒体服务在 {host} 的 UDP 端口 {port} 上有响应。",
    ),
    Sentence.MEDIA_PORT_FREE: ("UDP port {port} is free for media.", "UDP 端口 {port} 空闲,可供音视频使用。"),
    Sentence.MEDIA_PORT_TAKEN: ("UDP port {port} is taken by another program.", "UDP 端口 {port} 被其他程序占用。"),
    Sentence.MEDIA_PORT_SILENT: (
        "The server runs, but a packet to {host}, UDP port {port}, gets no answer.",
        "服务在运行,但发往 {host} UDP 端口 {port} 的数据包没有回应。",
    ),
    Sentence.MEDIA_TCP_OPEN: (
        "The media plane answers on {host}, TCP port {port}, for people without UDP.",
        "媒体服务在 {host} 的 TCP 端口 {port} 上有响应,可供无法使用 UDP 的人使用。",
    ),
    Sentence.MEDIA_TCP_SILENT: (
        "The media plane does not answer on {host}, TCP port {port}: people without UDP need a relay.",
        "媒体服务在 {host} 的 TCP 端口 {port} 上没有响应:无法使用 UDP 的人需要中继。",
    ),
    Sentence.RELAY_WORKS: ("The relay {url} works.", "中继 {url} 可用。"),
    Sentence.RELAY_DENIED: (
        "The relay {url} does not take the credentials that we give people.",
        "中继 {url} 不接受本服务签发的凭据。",
    ),
    Sentence.RELAY_AWAY: ("The relay {url} does not answer.", "中继 {url} 没有响应。"),
    Sentence.RELAY_SHUT: (
        "The relay {url} takes our credentials, but nothing comes back through it from {media_host}.",
        "中继 {url} 接受凭据,但经由它访问 {media_host} 没有回应。",
    ),
    Sentence.DISK_FINE: ("{path} has {free_mb} MB left.", "{path} 还有 {free_mb} MB 空间。"),
    Sentence.DISK_LOW: ("{path} has only {free_mb} MB left.", "{path} 只剩 {free_mb} MB 空间。"),
    Sentence.CERTIFICATE_FINE: ("The certificate is good for {days} days.", "证书还有 {days} 天有效期。"),
    Sentence.CERTIFICATE_SOON: ("The certificate {path} ends in {days} days.", "证书 {path} 将在 {days} 天后到期。"),
    Sentence.CERTIFICATE_OVER: (
        "The certificate {path} is no longer valid: browsers refuse the page.",
        "证书 {path} 已过期:浏览器会拒绝打开网页。",
    ),
    Sentence.CERTIFICATE_BAD: (
        "The certificate {path} cannot be read: {cause}.",
        "证书 {path} 无法读取:{cause}。",
    ),
    Sentence.PAGE_AWAY: ("No Tongxin server answers at {url}: {cause}.", "{url} 上没有同心服务响应:{cause}。"),
    Sentence.ADDRESS_LOCAL: (
        "Browsers send media to {addresses}, UDP port {media_port}.",
        "浏览器将音视频发送到 {addresses} 的 UDP 端口 {media_port}。",
    ),
    Sentence.ADDRESS_FOREIGN: (
        "Browsers send media to {addresses}, UDP port {media_port}, which no interface of this machine has.",
        "浏览器将音视频发送到 {addresses} 的 UDP 端口 {media_port},但本机没有这个地址。",
    ),
    Sentence.ADDRESS_LOOPBACK: (
        "Browsers are told to send media to {addresses}, which reaches this machine only from itself.",
        "通知浏览器的媒体地址是 {addresses},只有本机自己能访问。",
    ),
    Sentence.ADDRESS_PRIVATE: (
        "Browsers are told to send media to {addresses}, which cannot be reached from outside.",
        "通知浏览器的媒体地址是 {addresses},外部网络无法访问。",
    ),
    Sentence.ADDRESS_OTHER: (
        "Browsers are told to send media to {addresses}, but the server was reached as {reached_as}.",
        "通知浏览器的媒体地址是 {addresses},但实际访问服务器所用的地址是 {reached_as}。",
    ),
    Sentence.SECURE: ("Pages are served over HTTPS.", "网页通过 HTTPS 提供。"),
    Sentence.LOOPBACK_ONLY: (
        "Without HTTPS, browsers give camera and microphone only to pages opened on this machine itself.",
        "没有 HTTPS 时,只有在本机打开的网页才能使用摄像头和麦克风。",
    ),
    Sentence.NOT_SECURE: (
        "Pages come over plain HTTP from {host}, so browsers give them neither camera nor microphone.",
        "网页通过 {host} 的普通 HTTP 提供,浏览器不会允许使用摄像头和麦克风。",
    ),
    Sentence.CLOCK_RIGHT: ("The clocks of server and database agree.", "服务器与数据库的时钟一致。"),
    Sentence.CLOCK_SKEWED: (
        "This machine's clock differs from the database's by {skew_ms} ms.",
        "本机时钟与数据库相差 {skew_ms} 毫秒。",
    ),
    Sentence.CAPTIONS_READY: ("Livestreams get captions by the model in {path}.", "直播字幕使用 {path} 中的模型。"),
    Sentence.CAPTIONS_OFF: ("No live captions: no model is set.", "没有实时字幕:未设置模型。"),
    Sentence.CAPTIONS_NO_PACKAGE: (
        "No live captions: the package sherpa-onnx is not installed.",
        "没有实时字幕:未安装 sherpa-onnx。",
    ),
    Sentence.CAPTIONS_NO_FOLDER: ("No live captions: there is no folder {path}.", "没有实时字幕:目录 {path} 不存在。"),
    Sentence.CAPTIONS_NO_MODEL: (
        "No live captions: {path} lacks tokens.txt or the .onnx files of a streaming model.",
        "没有实时字幕:{path} 中缺少 tokens.txt 或流式模型的 .onnx 文件。",
    ),
}

_CURES: Mapping[Cure, tuple[str, str]] = {
    Cure.NONE: ("", ""),
    Cure.FIX_DATA_FOLDER: ("Do what it says, or set TONGXIN_DATA_DIR.", "请按提示处理,或设置 TONGXIN_DATA_DIR。"),
    Cure.START_DATABASE: ("Start it, or correct DATABASE_URL.", "请启动数据库,或更正 DATABASE_URL。"),
    Cure.MIGRATE: (
        "Run `tongxin migrate`, or start the server, which does it.",
        "请运行 `tongxin migrate`,或直接启动服务。",
    ),
    Cure.START_REDIS: ("Start it, or correct REDIS_URL.", "请启动 Redis,或更正 REDIS_URL。"),
    Cure.FREE_WEB_PORT: ("Stop that program, or set TONGXIN_HTTP_PORT.", "请停止该程序,或设置 TONGXIN_HTTP_PORT。"),
    Cure.FREE_MEDIA_PORT: ("Stop that program, or set TONGXIN_MEDIA_PORT.", "请停止该程序,或设置 TONGXIN_MEDIA_PORT。"),
    Cure.OPEN_UDP: ("Open that UDP port in the firewall.", "请在防火墙中放行该 UDP 端口。"),
    Cure.OPEN_TCP: ("Open that TCP port in the firewall.", "请在防火墙中放行该 TCP 端口。"),
    Cure.MATCH_TURN_SECRET: (
        "Give TONGXIN_TURN_SECRET and the relay's static-auth-secret the same value, and check both clocks.",
        "请让 TONGXIN_TURN_SECRET 与中继的 static-auth-secret 一致,并检查两边的时钟。",
    ),
    Cure.START_RELAY: (
        "Start it, open its port in the firewall, or correct TONGXIN_TURN_URLS.",
        "请启动中继、在防火墙中放行其端口,或更正 TONGXIN_TURN_URLS。",
    ),
    Cure.ALLOW_PEER: (
        "Set allowed-peer-ip={media_host} in the relay's configuration, and let it reach the media port.",
        "请在中继配置中设置 allowed-peer-ip={media_host},并让它能访问媒体端口。",
    ),
    Cure.FREE_DISK: ("Free some space, or set TONGXIN_DATA_DIR.", "请清理空间,或设置 TONGXIN_DATA_DIR。"),
    Cure.RENEW_CERTIFICATE: ("Renew it, then restart the server.", "请更新证书并重启服务。"),
    Cure.CHECK_URL: (
        "Check the address, the name's DNS entry, and whether the web port is open.",
        "请检查地址、域名解析,以及网页端口是否放行。",
    ),
    Cure.FORWARD_UDP: (
        "That is right behind NAT: forward the UDP port to this machine. Else correct TONGXIN_PUBLIC_ADDRESS.",
        "如果在 NAT 之后,这是正常的:请把该 UDP 端口转发到本机;否则请更正 TONGXIN_PUBLIC_ADDRESS。",
    ),
    Cure.SET_PUBLIC_ADDRESS: (
        "Set TONGXIN_PUBLIC_ADDRESS to the address under which others reach this machine.",
        "请将 TONGXIN_PUBLIC_ADDRESS 设为其他人访问本机所用的地址。",
    ),
    Cure.SET_PUBLIC_ADDRESS_TO: (
        "If media do not get through, set TONGXIN_PUBLIC_ADDRESS={reached_as}.",
        "如果音视频不通,请设置 TONGXIN_PUBLIC_ADDRESS={reached_as}。",
    ),
    Cure.USE_HTTPS: (
        "For others: a reverse proxy with HTTPS, or `tongxin serve --self-signed` on a local network.",
        "要让其他人加入:请使用带 HTTPS 的反向代理,局域网可用 `tongxin serve --self-signed`。",
    ),
    Cure.SET_CLOCK: ("Set the clocks by NTP.", "请用 NTP 校准时钟。"),
    Cure.INSTALL_CAPTIONS: (
        "Run `make captions`, or install the extra `captions` of the package.",
        "请运行 `make captions`,或安装软件包的附加组件 `captions`。",
    ),
    Cure.SET_CAPTIONS_MODEL: ("Correct TONGXIN_CAPTIONS_MODEL.", "请更正 TONGXIN_CAPTIONS_MODEL。"),
}

_MARKS = {State.OK: "ok  ", State.WARNING: "!   ", State.FAULT: "FAIL"}


def in_words(finding: Finding, language: Language) -> str:
    """One line for the terminal."""
    column = 1 if language is Language.CHINESE else 0
    sentence = _SENTENCES[finding.sentence_code][column].format_map(finding.values)
    cure = _CURES[finding.cure_code][column].format_map(finding.values)
    return f"{_MARKS[finding.state]} {sentence}{' ' if cure else ''}{cure}"
