"""docs/configuration.md is what the settings class says."""

from __future__ import annotations

from collab.settings_doc import DOCUMENT, configuration_page


def test_the_page_is_up_to_date() -> None:
    assert DOCUMENT.read_text("utf-8") == configuration_page(), "run `python -m collab.settings_doc`"
