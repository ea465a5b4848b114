"""Every setting of Tongxin: an environment variable with a default.  docs/configuration.md is made from this class.

A value that makes no sense stops the start with one sentence that names the variable, the value and the cure.
"""

# ruff: noqa: RUF009 -- `_setting` makes a dataclass field
from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from signaling.egress.wire import AUTO, ENCODERS
from signaling.webrtc.codecs import Codec

from . import setting_values as parse
from .oidc.policy import Rule
from .problems import StartFailure


def _setting(
    env: str, default: str, about: str, parser: Callable[[str], Any] = parse.text, *, masked: bool = False, group: str
) -> Any:  # noqa: ANN401 -- the type stands at the field
    return field(
        default_factory=lambda: parser(default),
        metadata={"env": env, "default": default, "about": about, "parse": parser, "masked": masked, "group": group},
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    http_host: str = _setting(
        "TONGXIN_HTTP_HOST",
        "::",  # a server that people reach; the first account needs the printed link
        "Address that the web server listens on. `::` is every address, IPv4 and IPv6; `0.0.0.0` every IPv4 one.",
        parse.address,
        group="Network",
    )
    http_port: int = _setting(
        "TONGXIN_HTTP_PORT",
        "8080",
        "TCP port of the web server. 0 picks a free one, which is printed.",
        parse.integer(0, 65_535),
        group="Network",
    )
    public_url: str = _setting(
        "TONGXIN_PUBLIC_URL",
        "",
        "Address under which people reach the server, such as `https://meet.example.org`. It is used in links, and "
        "other origins are refused. Empty: the address that the browser used.",
        parse.origin,
        group="Network",
    )
    trusted_proxies: tuple[parse.Network, ...] = _setting(
        "TONGXIN_TRUSTED_PROXIES",
        "",
        "Addresses or networks of your reverse proxies. Only their X-Forwarded-For and X-Forwarded-Proto are believed.",
        parse.networks,
        group="Network",
    )
    metrics_networks: tuple[parse.Network, ...] = _setting(
        "TONGXIN_METRICS_NETWORKS",
        "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7",
        "Who may read `/metrics`.",
        parse.networks,
        group="Network",
    )
    webhook_networks: tuple[parse.Network, ...] = _setting(
        "TONGXIN_WEBHOOK_NETWORKS",
        "",
        "Private networks that webhooks may lead into, such as `10.20.0.0/16` with your own business systems; with "
        "any, `http://` addresses are taken too. Empty: public addresses over HTTPS only.",
        parse.networks,
        group="Network",
    )
    tls_certificate: Path | None = _setting(
        "TONGXIN_TLS_CERTIFICATE",
        "",
        "PEM file with the certificate chain, to serve HTTPS without a proxy. Empty: HTTP, or a generated certificate "
        "with `tongxin serve --self-signed`.",
        parse.optional_path,
        group="Network",
    )
    tls_key: Path | None = _setting(
        "TONGXIN_TLS_KEY",
        "",
        "PEM file with the key of that certificate.",
        parse.optional_path,
        group="Network",
    )

    oidc_issuer: str = _setting(
        "TONGXIN_OIDC_ISSUER",
        "",
        "OpenID provider that people may sign in by: its issuer, such as `https://id.example.org/realms/park`. It "
        "needs `TONGXIN_PUBLIC_URL`; the provider is told the redirect address `/api/oidc/callback` below it. Empty: "
        "none.",
        parse.issuer,
        group="Sign-in",
    )
    oidc_client_id: str = _setting(
        "TONGXIN_OIDC_CLIENT_ID",
        "",
        "Our client id at the provider.",
        group="Sign-in",
    )
    oidc_client_secret: str = _setting(
        "TONGXIN_OIDC_CLIENT_SECRET",
        "",
        "Our secret at the provider. Empty: we are a public client there (PKCE is always used).",
        masked=True,
        group="Sign-in",
    )
    oidc_name: str = _setting(
        "TONGXIN_OIDC_NAME",
        "OpenID",
        "Name of the provider on the button of the sign-in page.",
        parse.short_name,
        group="Sign-in",
    )
    oidc_link_by_mail: str = _setting(
        "TONGXIN_OIDC_LINK_BY_MAIL",
        "off",
        "`verified`: who comes from the provider with an address that it has verified gets the account that has this "
        "address. Whoever administers the provider can then enter any account, administrators' too. `off`: people "
        "link their account themselves, in its settings.",
        parse.choice("off", "verified"),
        group="Sign-in",
    )
    oidc_people: tuple[Rule, ...] = _setting(
        "TONGXIN_OIDC_PEOPLE",
        "",
        "Who gets an account when they first come, and in which organization, by its name: `*=Optics Valley` everybody "
        "whose address is verified, `factory.example=Laser Works` those of a mail domain; several with semicolons. "
        "Empty: nobody.",
        parse.oidc_rules,
        group="Sign-in",
    )
    oidc_networks: tuple[parse.Network, ...] = _setting(
        "TONGXIN_OIDC_NETWORKS",
        "",
        "Private networks that the provider may be in, such as `10.20.0.0/16`; with any, `http://` is taken too. "
        "Empty: a public address over HTTPS only.",
        parse.networks,
        group="Sign-in",
    )

    media_address: str = _setting(
        "TONGXIN_MEDIA_ADDRESS",
        "::",
        "Address that the media port is bound to; as above.",
        parse.address,
        group="Media",
    )
    media_port: int = _setting(
        "TONGXIN_MEDIA_PORT",
        "8080",
        "UDP port for all pictures and sound, and TCP port for people whose networks let no UDP out. It may be the "
        "number of the web server's port: connections there are told apart. 0 picks a free one, which is printed.",
        parse.integer(0, 65_535),
        group="Media",
    )
    media_workers: int = _setting(
        "TONGXIN_MEDIA_WORKERS",
        "1",
        "Threads that carry media, each with a port of its own: the media port, the next number, and so on; all have "
        "to be reachable. More than one helps where one core is busy with media: rooms spread over them, "
        "large ones too.",
        parse.integer(1, 64),
        group="Media",
    )
    live_whep_viewers: int = _setting(
        "TONGXIN_LIVE_WHEP_VIEWERS",
        "300",
        "How many people watch livestreams without delay, straight from the media plane, at once on this node; those "
        "who come later get the stream some seconds later, as files. 0: nobody does.",
        parse.integer(0, 3_000),
        group="Media",
    )
    rtmp_url: str = _setting(
        "TONGXIN_RTMP_URL",
        "",
        "Address that encoders are told to send to by RTMP, such as `rtmp://meet.example.org/live`: of nginx-rtmp with "
        "the shipped configuration. Empty: there is no RTMP.",
        parse.rtmp_url,
        group="Media",
    )
    rtmp_from: str = _setting(
        "TONGXIN_RTMP_FROM",
        "rtmp://127.0.0.1:1935/live",
        "Where the server itself reads what nginx-rtmp has let in.",
        parse.rtmp_url,
        group="Media",
    )
    rtmp_secret: str = _setting(
        "TONGXIN_RTMP_SECRET",
        "",
        "What nginx-rtmp shows when it asks who may publish; the same as in its configuration.",
        parse.secret,
        masked=True,
        group="Media",
    )
    restream_networks: tuple[parse.Network, ...] = _setting(
        "TONGXIN_RESTREAM_NETWORKS",
        "",
        "Networks that livestreams may be sent on to by RTMP although they are not public, such as `10.20.0.0/16`. "
        "Platforms on the Internet need no entry.",
        parse.networks,
        group="Media",
    )
    srt_ports: range = _setting(
        "TONGXIN_SRT_PORTS",
        "",
        "UDP ports for encoders that send by SRT, such as `10080-10099`: each stream key has one of its own. Empty: "
        "there is no SRT. It needs ffmpeg.",
        parse.ports,
        group="Media",
    )
    captions_model: Path | None = _setting(
        "TONGXIN_CAPTIONS_MODEL",
        "",
        "Folder with a streaming model for sherpa-onnx (`tokens.txt` and its `.onnx` files): livestreams get live "
        "captions and a transcript. It needs the extra `captions`. Empty: there are none.",
        parse.optional_path,
        group="Media",
    )
    captions_language: str = _setting(
        "TONGXIN_CAPTIONS_LANGUAGE",
        "zh",
        "Language that this model understands, such as `en`, as captions of replays are marked.",
        parse.language,
        group="Media",
    )
    video_codecs: tuple[Codec, ...] = _setting(
        "TONGXIN_VIDEO_CODECS",
        "VP8,H264,VP9,AV1",
        "Codecs that cameras and shared screens may be sent in, best first. Browsers are asked for the first that all "
        "in the room can decode. `VP9,VP8,H264` saves bandwidth and asks more of people's computers: those with less "
        "than four cores begin with the next.",
        parse.codecs,
        group="Media",
    )
    public_address: tuple[str, ...] = _setting(
        "TONGXIN_PUBLIC_ADDRESS",
        "",
        "IP addresses that browsers send media to, best first, with commas between them. Behind NAT: the outside "
        "address; and the inside one too, if people on the local network do not reach the outside one. Empty: the "
        "addresses of this machine.",
        parse.addresses,
        group="Media",
    )
    turn_urls: tuple[str, ...] = _setting(
        "TONGXIN_TURN_URLS",
        "",
        "TURN servers for people whose networks let no UDP out, with commas between them.",
        parse.urls,
        group="Media",
    )
    turn_secret: str = _setting(
        "TONGXIN_TURN_SECRET",
        "",
        "The `static-auth-secret` of those servers. Each participant gets credentials that last some hours.",
        parse.secret,
        masked=True,
        group="Media",
    )

    data_dir: Path = _setting(
        "TONGXIN_DATA_DIR",
        "data",
        "Folder for the database, generated keys and the private Redis. Made with mode 0700.",
        parse.path,
        group="State",
    )
    database_url: str = _setting(
        "DATABASE_URL",
        "",
        "PostgreSQL: `postgresql://user:password@host/name`. Empty: SQLite in the data folder.",
        parse.database_url,
        masked=True,
        group="State",
    )
    files_url: str = _setting(
        "TONGXIN_FILES_URL",
        "",
        "Where files are kept (of requests, chats, assistance, films): `s3://bucket/prefix`, with the usual AWS "
        "variables for region and credentials. Empty: the folder `files` in the data folder, which several processes "
        "must share.",
        parse.files_url,
        group="State",
    )
    files_endpoint: str = _setting(
        "TONGXIN_FILES_ENDPOINT",
        "",
        "Address of the S3 store, such as `https://minio.example.org`, where it is not Amazon's. Buckets stand in the "
        "path (`AWS_VIRTUAL_HOSTED_STYLE_REQUEST=true`: in the host's name, with the bucket in this address).",
        parse.files_endpoint,
        group="State",
    )
    hls_url: str = _setting(
        "TONGXIN_HLS_URL",
        "",
        "Where segments of livestreams are put as well while they are live: `s3://bucket/prefix`, of the same store as "
        "files. A cache may take them from there. Empty: nowhere.",
        parse.files_url,
        group="State",
    )
    redis_url: str = _setting(
        "REDIS_URL",
        "",
        "Redis 7 or Valkey: `redis://host:6379/0`. Empty: a private valkey-server on a unix socket.",
        parse.redis_url,
        masked=True,
        group="State",
    )
    node: str = _setting(
        "TONGXIN_NODE",
        "",
        "Name of this server process among others on the same Redis. Empty: the host's name and letters of chance.",
        group="State",
    )

    smtp_url: str = _setting(
        "TONGXIN_SMTP_URL",
        "",
        "Server that mail leaves through: `smtp://user:password@host:587` (TLS where it is offered; add "
        "`?starttls=must` to insist) or `smtps://user:password@host:465`. Empty: mails are files in the folder "
        "`outbox` of the data folder.",
        parse.smtp_url,
        masked=True,
        group="Mail and jobs",
    )
    mail_from: str = _setting(
        "TONGXIN_MAIL_FROM",
        "Tongxin <tongxin@localhost>",
        "Sender of all mail: `Name <address>`.",
        parse.mailbox,
        group="Mail and jobs",
    )
    jobs: str = _setting(
        "TONGXIN_JOBS",
        "here",
        "Who sends mail and notices, reminds and keeps clocks: `here`, the server itself; `elsewhere`, processes of "
        "`tongxin worker` on the same Redis and database.",
        parse.choice("here", "elsewhere"),
        group="Mail and jobs",
    )

    log_level: str = _setting(
        "TONGXIN_LOG_LEVEL",
        "info",
        "How much is logged.",
        parse.choice("debug", "info", "warning", "error"),
        group="Operation",
    )
    log_format: str = _setting(
        "TONGXIN_LOG_FORMAT",
        "auto",
        "`json` for machines, `console` for people, `auto` chooses by whether a terminal reads.",
        parse.choice("auto", "json", "console"),
        group="Operation",
    )
    drain_s: int = _setting(
        "TONGXIN_DRAIN_S",
        "5",
        "Seconds that a stopping server gives connections to move elsewhere.",
        parse.integer(0, 600),
        group="Operation",
    )

    body_max_bytes: int = _setting(
        "TONGXIN_BODY_MAX_BYTES",
        "262144",
        "Largest body of an API request.",
        parse.integer(16_384, 16_777_216),
        group="Limits",
    )
    guest_hours: int = _setting(
        "TONGXIN_GUEST_HOURS",
        "12",
        "Hours that a guest's entry to a meeting lasts.",
        parse.integer(1, 72),
        group="Limits",
    )
    password_min_chars: int = _setting(
        "TONGXIN_PASSWORD_MIN_CHARS",
        "10",
        "Shortest password.",
        parse.integer(8, 64),
        group="Limits",
    )
    hls_dir: Path | None = _setting(
        "TONGXIN_HLS_DIR",
        "",
        "Folder for the segments of livestreams, which a web server in front may read. Empty: `hls` in the data "
        "folder.",
        parse.optional_path,
        group="Storage",
    )
    live_sizes: int = _setting(
        "TONGXIN_LIVE_SIZES",
        "2",
        "Sizes of a livestream that viewers' players choose from: 1 is 720 lines, 2 adds 360 lines for a tenth of a "
        "core more.",
        parse.integer(1, 2),
        group="Media",
    )
    video_encoder: str = _setting(
        "TONGXIN_VIDEO_ENCODER",
        AUTO,
        "What encodes livestreams and recordings: `auto` takes the machine's hardware (NVIDIA, Intel, AMD) where it "
        "passes a trial, `libx264` never does, and a name takes that one if it passes.",
        parse.choice(*ENCODERS),
        group="Media",
    )
    recording_days: int = _setting(
        "TONGXIN_RECORDING_DAYS",
        "0",
        "Days after which recordings are deleted; 0 keeps them until somebody deletes them.",
        parse.integer(0, 36_500),
        group="Limits",
    )
    room_file_days: int = _setting(
        "TONGXIN_ROOM_FILE_DAYS",
        "0",
        "Days after which files in the chats of meetings are deleted; 0 keeps them as long as the meeting.",
        parse.integer(0, 36_500),
        group="Limits",
    )
    audit_days: int = _setting(
        "TONGXIN_AUDIT_DAYS",
        "1095",
        "Days after which lines of the audit log (who saw or changed what) are deleted.",
        parse.integer(30, 36_500),
        group="Limits",
    )
    trash_days: int = _setting(
        "TONGXIN_TRASH_DAYS",
        "30",
        "Days after which meetings in the trash are deleted with their chat.",
        parse.integer(1, 3_650),
        group="Limits",
    )

    @property
    def links_url(self) -> str:
        """Before the path of a page, in mails."""
        return self.public_url or f"http://localhost:{self.http_port}"

    @property
    def hls_folder(self) -> Path:
        return self.hls_dir or self.data_dir / "hls"

    @property
    def effective_database_url(self) -> str:
        """In SQLAlchemy's form, with the asynchronous driver named."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'tongxin.db'}"
        parts = urlsplit(self.database_url)
        kind = parts.scheme.split("+")[0]
        if kind == "sqlite":
            return "sqlite+aiosqlite" + self.database_url[len(parts.scheme) :]
        query = parts.query.replace("sslmode=", "ssl=")
        return urlunsplit(("postgresql+asyncpg", parts.netloc, parts.path, query, ""))


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises StartFailure: one sentence."""
    values: dict[str, Any] = {}
    for item in fields(Settings):
        env = item.metadata["env"]
        raw = environment.get(env)
        if raw is None:
            continue
        try:
            values[item.name] = item.metadata["parse"](raw.strip())
        except parse.SettingRefused as refused:
            shown = "(hidden)" if item.metadata["masked"] else repr(raw)
            raise StartFailure(f"{env} is {shown}, which cannot be used: {refused}.") from None
    settings = Settings(**values)
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise StartFailure("TONGXIN_TLS_CERTIFICATE and TONGXIN_TLS_KEY belong together: set both or none.")
    if (
        settings.turn_urls
        and not settings.turn_secret
        and any(not url.startswith("stun:") for url in settings.turn_urls)
    ):
        raise StartFailure("TONGXIN_TURN_URLS names a TURN server: set TONGXIN_TURN_SECRET to its static-auth-secret.")
    if settings.rtmp_url and not settings.rtmp_secret:
        raise StartFailure("TONGXIN_RTMP_URL is set: set TONGXIN_RTMP_SECRET to the secret in nginx-rtmp.conf too.")
    if settings.oidc_issuer:
        _check_oidc(settings)
    return settings


def _check_oidc(settings: Settings) -> None:
    if not settings.oidc_client_id or not settings.public_url:
        missing = "TONGXIN_PUBLIC_URL" if settings.oidc_client_id else "TONGXIN_OIDC_CLIENT_ID"
        raise StartFailure(f"TONGXIN_OIDC_ISSUER is set: set {missing} too.")
    if settings.oidc_issuer.startswith("http:") and not settings.oidc_networks:
        raise StartFailure(
            "TONGXIN_OIDC_ISSUER begins with http://: use https, or name the provider's network in "
            "TONGXIN_OIDC_NETWORKS."
        )


def unknown_settings(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """TONGXIN_ variables that are no settings, each with the nearest one that is ("" when none is near)."""
    known = [item.metadata["env"] for item in fields(Settings)]
    return [
        (name, next(iter(difflib.get_close_matches(name, known, 1, 0.8)), ""))
        for name in sorted(environment)
        if name.startswith("TONGXIN_") and name not in known
    ]


def masked_url(url: str) -> str:
    parts = urlsplit(url)
    if not parts.password:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))


def shown_settings(settings: Settings) -> list[tuple[str, str]]:
    """(variable, value as text) with secrets masked, for `tongxin config`."""
    shown = []
    for item in fields(Settings):
        value = getattr(settings, item.name)
        if isinstance(value, range):
            text = f"{value.start}-{value.stop - 1}" if value else ""
        elif isinstance(value, tuple):
            text = ",".join(str(part) for part in value)
        else:
            text = "" if value is None else str(value)
        if item.metadata["masked"] and text:
            text = masked_url(text) if "://" in text else "***"
        shown.append((item.metadata["env"], text))
    return shown
