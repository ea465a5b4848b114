"""The real engine on a plate that is drawn here.  It is an optional extra of 380 MB, so its test is a long one."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from collab.nameplates.fields import read_fields
from collab.nameplates.reader import TextReader, is_installed
from collab.problems import Refusal
from collab.reports.pictures import FONTS
from rooms.core.codes import Code

TEXTS = ("光纤激光切割机", "型号 MODEL   LX-3015H", "出厂编号 S/N  HL2024-00871", "制造商 北方激光设备有限公司")


def plate() -> bytes:
    image = Image.new("RGB", (1280, 720), (90, 95, 100))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((180, 100, 1100, 620), 20, fill=(205, 208, 210))
    for number, text in enumerate(TEXTS):
        font = ImageFont.truetype(FONTS / "NotoSansSC-700.ttf", 42)
        draw.text((240, 160 + number * 90), text, font=font, fill=(20, 20, 20))
    out = io.BytesIO()
    image.rotate(3, fillcolor=(90, 95, 100)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.long
@pytest.mark.timeout(120)
async def test_a_photographed_plate_is_read() -> None:
    assert is_installed(), "run `make ocr`"
    found = read_fields(await TextReader().read(plate()))
    assert (found.make, found.model, found.serial) == ("北方激光设备有限公司", "LX-3015H", "HL2024-00871")


async def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        await TextReader().read(b"%PDF-1.7 no picture")
    assert refused.value.code is Code.BAD_FILE
