"""Writes docs/configuration.md from the settings class: `python -m collab.settings_doc [--check]`."""

from __future__ import annotations

import sys
from dataclasses import fields
from itertools import groupby
from pathlib import Path

from .config import Settings

DOCUMENT = Path(__file__).parent.parent / "docs" / "configuration.md"

_HEAD = """# Configuration

Every setting is an environment variable, and every one has a default: nothing needs to be set to try Tongxin.
`tongxin config` prints the settings that are in force, with secrets masked. A value that cannot be used stops the start
with a sentence that names it. This page is generated from `collab/config.py`.
"""

_TAIL = """
## What the server makes for itself

The data folder (mode 0700) gets the database at the first start, and with `tongxin serve --self-signed` a certificate
and its key (mode 0600). The server does not start when others on the machine can read a key, and for a database or a
Redis on another host it does not accept passwords that stand in every list of defaults. Tokens, one-time links and
sign-ins are kept as digests only; passwords as argon2id. The certificate for media is made anew at every start.
"""


def configuration_page() -> str:
    parts = [_HEAD]
    for group, items in groupby(fields(Settings), key=lambda item: item.metadata["group"]):
        parts.append(f"\n## {group}\n\n| variable | default | meaning |\n|---|---|---|\n")
        for item in items:
            default = item.metadata["default"]
            parts.append(
                f"| `{item.metadata['env']}` | {f'`{default}`' if default else 'empty'} | {item.metadata['about']} |\n"
            )
    parts.append(_TAIL)
    return "".join(parts)


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(
            0 if DOCUMENT.read_text("utf-8") == configuration_page() else "docs/configuration.md is not up to date"
        )
    DOCUMENT.write_text(configuration_page(), "utf-8")
