"""What a request is called: its title, and the number that people say to each other.  Pure but for chance."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Final

from rooms.core.text import clean_name

from .answers import Answers, choices_of, is_shown, shown
from .definition import Definition
from .fields import ChoiceField, TextField
from .models import TITLE_MAX_CHARS

_NUMBER_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def title_of(given: str, definition: Definition, answers: Answers, language: str) -> str:
    """What was given, else the answer that the type names."""
    if named := clean_name(given, TITLE_MAX_CHARS):
        return named
    chosen = choices_of(definition.fields, answers)
    for one in definition.fields:
        if one.id == definition.title_field and isinstance(one, TextField | ChoiceField) and is_shown(one, chosen):
            raw = answers.get(one.id)
            return clean_name(shown(one, raw, language), TITLE_MAX_CHARS) if raw is not None else ""
    return ""


def new_number(code: str, at_ms: int) -> str:
    """`RTW-261123-7K2QFX`: the day, and 29 bits of chance, so that nobody counts them."""
    day = datetime.fromtimestamp(at_ms / 1_000, UTC).strftime("%y%m%d")
    return f"{code}-{day}-{''.join(secrets.choice(_NUMBER_LETTERS) for _ in range(6))}"
