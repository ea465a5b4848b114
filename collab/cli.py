"""The console command `tongxin`.

Built on argparse: the commands are few, and what stands in the standard library need not be installed or learned.
Exit codes: 0 done, 1 refused or found at fault (one sentence on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Sequence
from pathlib import Path

from . import maintenance
from .config import Settings, read_settings, shown_settings, unknown_settings
from .doctor.sentences import Language, language_of
from .heap import loading, stays
from .logs import configure_logs
from .problems import Refusal, StartFailure


def main(arguments: Sequence[str] | None = None) -> int:
    stays()
    options = _parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        configure_logs(settings.log_level, settings.log_format)
        for name, nearest in unknown_settings(os.environ):
            hint = f"; {nearest} is one" if nearest else ""
            print(f"{name} is not a setting{hint}.", file=sys.stderr)
        return int(options.run(settings, options) or 0)
    except StartFailure as failure:
        print(failure, file=sys.stderr)
    except Refusal as refusal:
        print(_sentence(refusal), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tongxin",
        description="Meetings on your own server. Settings are environment variables: see `tongxin config`.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("serve", help="start the server")
    one.add_argument(
        "--self-signed",
        action="store_true",
        help="HTTPS with a certificate of its own, for phones on the local network",
    )
    one.set_defaults(run=_serve)

    one = commands.add_parser("worker", help="send mail and notices and keep clocks, beside servers that do not")
    one.set_defaults(run=_worker)

    one = commands.add_parser("migrate", help="bring the database to the newest schema")
    one.set_defaults(run=_migrate)

    one = commands.add_parser("admin", help="administrators and tokens")
    admin = one.add_subparsers(required=True, metavar="ACTION")
    one = admin.add_parser("create", help="make a park administrator; asks for the password, or reads it from stdin")
    one.add_argument("email")
    one.add_argument("--name", required=True)
    one.add_argument("--organization", default="Park", help="name of the park, if there is none yet")
    one.set_defaults(run=_admin_create)
    one = admin.add_parser("reset", help="print a one-time link that sets a new password")
    one.add_argument("email")
    one.set_defaults(run=_admin_reset)
    one = admin.add_parser("token", help="print a bearer token for WHIP, WHEP and the API")
    one.add_argument("--room", required=True, help="code of the room, which is made if there is none")
    one.add_argument("--publish", action="store_true")
    one.add_argument("--subscribe", action="store_true")
    one.add_argument("--hours", type=int, default=24, help="how long it lasts (24)")
    one.add_argument("--name", default="OBS", help="shown in the room (OBS)")
    one.set_defaults(run=_admin_token)

    one = commands.add_parser("seed-demo", help="fill an empty database with an invented park to explore")
    one.add_argument(
        "--large", action="store_true", help="200 companies, 3,000 people, 200,000 requests: takes minutes"
    )
    one.add_argument("--password", default="", help="of all who can sign in (made up and printed)")
    one.set_defaults(run=_seed_demo)

    one = commands.add_parser("doctor", help="say what is wrong and what to do")
    one.add_argument("--url", default="", help="look at the server there, from here, as its visitors do")
    one.set_defaults(run=_doctor)

    one = commands.add_parser("config", help="print the settings in force, secrets masked")
    one.set_defaults(run=_config)

    one = commands.add_parser("verify-report", help="say whether a report's file is as this server made it")
    one.add_argument("file", help="the PDF or HTML")
    one.add_argument("--key", action="append", default=[], help="public key of the server that made it (this one)")
    one.set_defaults(run=_verify_report)

    one = commands.add_parser("guest", help="send a test guest with moving picture and tone into a room")
    one.add_argument("--room", required=True, help="code or link of the room")
    one.add_argument("--count", type=int, default=1)
    one.add_argument("--name", default="")
    one.add_argument("--url", default="", help="address of the server (this machine)")
    one.set_defaults(run=_guest)
    return parser


def _run(work: Awaitable[int | None]) -> int:
    async def run() -> int:
        return await work or 0

    return asyncio.run(run())


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    with loading():
        from .edge.serve import Listening, serve  # noqa: PLC0415 -- the other commands need no web server

    def tell(listening: Listening) -> None:
        chinese = language_of(os.environ) is Language.CHINESE
        if listening.links.setup:
            about = "创建首位管理员" if chinese else "First administrator"
            print(f"{about}: {listening.base_url}{listening.links.setup}")
        if listening.links.meeting:
            print(f"{'试用会议' if chinese else 'A meeting to try'}: {listening.base_url}{listening.links.meeting}")
        for url in listening.lan_urls:
            print(f"{'局域网内' if chinese else 'On this network'}: {url}{listening.links.meeting}")
        print(f"listening http={listening.http_port} media={listening.media_port}", flush=True)

    return _run(serve(settings, self_signed=options.self_signed, tell=tell))


def _worker(settings: Settings, _options: argparse.Namespace) -> int:
    with loading():
        from .worker import work  # noqa: PLC0415 -- the other commands do no jobs

    return _run(work(settings, lambda: print("working", flush=True)))


def _verify_report(settings: Settings, options: argparse.Namespace) -> int:
    from .reports.verify import verified  # noqa: PLC0415 -- the other commands read no reports

    finding, sentence = verified(Path(options.file), options.key, settings.data_dir, language_of(os.environ))
    print(sentence, file=sys.stdout if finding else sys.stderr)
    return 0 if finding else 1


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    applied = asyncio.run(maintenance.migrate(settings))
    print(f"applied: {', '.join(applied)}" if applied else "nothing to do")
    return 0


def _seed_demo(settings: Settings, options: argparse.Namespace) -> int:
    with loading():
        from .demo.command import seed  # noqa: PLC0415 -- the other commands invent nothing

    for line in asyncio.run(
        seed(settings, language_of(os.environ), large=options.large, password=options.password, tell=_requests_so_far)
    ):
        print(line)
    return 0


def _requests_so_far(count: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{count:,} requests ", end="", file=sys.stderr, flush=True)


def _admin_create(settings: Settings, options: argparse.Namespace) -> int:
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    account = asyncio.run(
        maintenance.create_administrator(settings, options.email, options.name, password, options.organization)
    )
    print(f"made {account}")
    return 0


def _admin_reset(settings: Settings, options: argparse.Namespace) -> int:
    print(asyncio.run(maintenance.reset_link(settings, options.email)))
    return 0


def _admin_token(settings: Settings, options: argparse.Namespace) -> int:
    made = asyncio.run(
        maintenance.room_token(
            settings,
            options.room,
            publish=options.publish,
            subscribe=options.subscribe,
            hours=options.hours,
            name=options.name,
        )
    )
    print(f"room {made.code}")
    print(made.token)
    return 0


def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    language = language_of(os.environ)
    look = (
        maintenance.examine_from_here(options.url, language) if options.url else maintenance.examine(settings, language)
    )
    lines, faults = asyncio.run(look)
    print("\n".join(lines))
    return 1 if faults else 0


def _config(settings: Settings, _options: argparse.Namespace) -> int:
    for name, value in shown_settings(settings):
        print(f"{name}={value}")
    return 0


def _guest(settings: Settings, options: argparse.Namespace) -> int:
    with loading():
        from .edge.guests import send_guests  # noqa: PLC0415 -- needs encoders that no other command needs

    asyncio.run(send_guests(settings, options.room, options.count, options.name, options.url))
    return 0


def _sentence(refusal: Refusal) -> str:
    fields = ", ".join(f"{name}: {fault.value}" for name, fault in refusal.fields.items())
    return f"Refused ({refusal.code.value}): {fields or refusal}."


if __name__ == "__main__":
    sys.exit(main())
