"""What `tongxin seed-demo` does and says."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable

from collab.accounts.passwords import Passwords
from collab.clock import now_ms
from collab.config import Settings
from collab.doctor.sentences import Language
from collab.files.store import Files, open_store
from collab.maintenance import open_database

from .seed import Seeded, seed_demo


async def seed(
    settings: Settings, language: Language, *, large: bool, password: str, tell: Callable[[int], None]
) -> list[str]:
    """The lines to print.  Raises as seed_demo does."""
    passwords = await asyncio.to_thread(Passwords, settings.password_min_chars)
    try:
        async with open_database(settings) as database:
            files = Files(
                open_store(settings.files_url, settings.data_dir / "files", settings.files_endpoint), database
            )
            seeded = await seed_demo(database, files, passwords, now_ms(), large=large, password=password, tell=tell)
    finally:
        await passwords.close()
    return lines(seeded, language)


def lines(seeded: Seeded, language: Language) -> list[str]:
    chinese = language is Language.CHINESE
    said = (
        f"{seeded.organizations} 家单位，{seeded.people:,} 人，{seeded.requests:,} 件事项。"
        if chinese
        else f"{seeded.organizations} organizations, {seeded.people:,} people, {seeded.requests:,} requests."
    )
    if not seeded.sign_ins:
        there = (
            "示范园区已经在这个数据库里，未做改动。忘记密码：tongxin admin reset 邮箱。要重新开始，请换一个空数据库。"
            if chinese
            else "The demo park is in this database already; nothing was changed. A password that is lost: "
            "tongxin admin reset EMAIL. To begin anew, use an empty database."
        )
        return [there, said]
    made = (
        "示范园区已建好，仅供试用，不要用于对外服务。"
        if chinese
        else "The demo park is made; it is for trying out, not for the public."
    )
    password = f"密码（所有人相同）：{seeded.password}" if chinese else f"Password (of everybody): {seeded.password}"
    wide = max(_width(one.zh if chinese else one.en) for one in seeded.sign_ins)
    mail = max(len(one.someone.email) for one in seeded.sign_ins)
    rows = []
    for one in seeded.sign_ins:
        role = one.zh if chinese else one.en
        rows.append(
            f"  {role}{' ' * (wide - _width(role))}  {one.someone.email:{mail}}  "
            f"{one.someone.name}, {one.someone.place.name}"
        )
    return ["", made, said, password, *rows]


def _width(text: str) -> int:
    """On a terminal (UAX #11)."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
