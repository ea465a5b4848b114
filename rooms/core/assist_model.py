"""Assistance in a live room, as values: who is who."""

from __future__ import annotations

from enum import StrEnum


class AssistRole(StrEnum):
    """A person's part in a session of assistance, beside the role that decides what they may do in any meeting."""

    ON_SITE = "on_site"  # holds the camera; has the last word on the marks and on the device
    EXPERT = "expert"  # guides
    OBSERVER = "observer"
