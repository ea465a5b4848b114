"""What `tongxin verify-report` says of a file: one sentence, in the language of the shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from collab.doctor.sentences import Language
from collab.problems import StartFailure

from .keys import known_keys
from .seal import FILE_MAX_BYTES, Verdict, verify

SENTENCES: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.INTACT: (
        "{file} is unchanged since it was made. End of the chain: {chain}",
        "{file} 自生成以来未被改动。链尾：{chain}",
    ),
    Verdict.NO_SEAL: (
        "{file} has no seal: it is not a report of Tongxin, or its end is missing.",
        "{file} 没有封签：不是同心的报告，或文件末尾缺失。",
    ),
    Verdict.CHANGED: (
        "{file} was changed after it was made. Ask for the original.",
        "{file} 在生成之后被改动过。请索取原件。",
    ),
    Verdict.UNKNOWN_KEY: (
        "{file} is unchanged since key {key} sealed it, but this server does not know that key; if you do: --key {key}",
        "{file} 自密钥 {key} 封签以来未被改动，但本服务器不认识这个密钥。如果您信任它，请加 --key {key}",
    ),
    Verdict.TOO_LONG: (
        "{file} is longer than any report ({limit} bytes).",
        "{file} 超过了报告的最大长度（{limit} 字节）。",
    ),
}


def verified(file: Path, keys: Sequence[str], data_folder: Path, language: Language) -> tuple[bool, str]:
    """Whether it is intact and by a trusted key, and the sentence.  Raises StartFailure when it cannot be read."""
    try:
        with file.open("rb") as opened:
            content = opened.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        raise StartFailure(f"{file} cannot be read ({error.strerror}).") from None
    finding = verify(content, known_keys(data_folder) | {key.lower() for key in keys})
    sentence = SENTENCES[finding.verdict][language is Language.CHINESE]
    said = sentence.format(file=file.name, chain=finding.chain, key=finding.key, limit=FILE_MAX_BYTES)
    return finding.verdict is Verdict.INTACT, said
