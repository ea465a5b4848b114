from __future__ import annotations

import gc

from collab.heap import loading


def test_what_is_loaded_is_not_looked_through_again_and_collecting_goes_on() -> None:
    before = gc.get_freeze_count()
    try:
        with loading():
            assert not gc.isenabled()
            kept = [[] for _ in range(1_000)]  # type: ignore[var-annotated]
        assert gc.isenabled()
        assert gc.get_freeze_count() - before >= len(kept)
    finally:
        if not before:
            gc.unfreeze()
