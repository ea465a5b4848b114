"""What the log keeps is a closed list that the page of administrators knows."""

from __future__ import annotations

import re
from pathlib import Path

from collab.audit.models import AuditAction

PAGE = Path(__file__).parents[4] / "static/src/state/administration.ts"


def test_administrators_can_search_for_every_action() -> None:
    listed = re.search(r"export const ACTIONS = \[(.*?)\] as const", PAGE.read_text(), re.DOTALL)
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed[1])) == {action.value for action in AuditAction}
