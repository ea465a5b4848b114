"""The two people of a journey: the language and the screen of each, and what their pages look like on the way."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import pytest
from playwright.async_api import Browser, Page

from tests.support.attendee import Attendee, open_attendee

OVERFLOW_PX = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SETTLED = "() => document.getAnimations().every((one) => one.playState !== 'running')"


class Shape(TypedDict):
    """As open_attendee takes it."""

    locale: str
    width: int
    height: int


@dataclass(frozen=True)
class Side:
    """One person's language and screen."""

    locale: str
    phone: bool = False

    @property
    def shape(self) -> Shape:
        width, height = (390, 844) if self.phone else (1440, 900)
        return {"locale": self.locale, "width": width, "height": height}

    def says(self, en: str, zh: str) -> str:
        """What stands on this person's page."""
        return zh if self.locale.startswith("zh") else en

    async def open(self, browser: Browser, name: str) -> Attendee:
        return await open_attendee(browser, name, **self.shape)


DESK = Side("en")  # who is not told apart otherwise

# Each journey is walked with the desk in one language and the phone in the other; by hand the other way round too.
SIDES = pytest.mark.parametrize(
    ("desk", "phone"),
    [
        pytest.param(DESK, Side("zh-CN", phone=True), id="en-desk-zh-phone"),
        pytest.param(Side("zh-CN"), Side("en", phone=True), id="zh-desk-en-phone", marks=pytest.mark.long),
    ],
)

# And a page of one person in every way, one of them in CI.
EVERY_SIDE = pytest.mark.parametrize(
    "side",
    [
        pytest.param(DESK, id="en-desk"),
        pytest.param(Side("zh-CN"), id="zh-desk", marks=pytest.mark.long),
        pytest.param(Side("en", phone=True), id="en-phone", marks=pytest.mark.long),
        pytest.param(Side("zh-CN", phone=True), id="zh-phone", marks=pytest.mark.long),
    ],
)


async def look(page: Page, name: str) -> None:
    """Nothing is wider than the screen; where TONGXIN_LOOK names a folder, a picture of the whole page goes there."""
    wider = await page.evaluate(OVERFLOW_PX)
    assert wider <= 0, f"{name}: {wider} px wider than the screen"
    if folder := os.environ.get("TONGXIN_LOOK"):
        await page.wait_for_function(SETTLED)
        language, width = await page.evaluate("[document.documentElement.lang, window.innerWidth]")
        await page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
