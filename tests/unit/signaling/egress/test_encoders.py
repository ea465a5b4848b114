"""Which encoder a live film is made with: hardware only where it does what such a film needs."""

from __future__ import annotations

from msgspec.structs import replace

from signaling.egress.encoders import HARDWARE, SOFTWARE, chosen, fault_of, first_fit
from signaling.egress.wire import AUTO, ENCODERS

SIZE = (320, 180)


def test_the_names_of_the_setting_are_those_of_the_encoders() -> None:
    assert (AUTO, SOFTWARE.name, *(one.name for one in HARDWARE)) == ENCODERS


def test_x264_does_what_a_live_film_needs() -> None:
    assert fault_of(SOFTWARE, *SIZE) == ""


def test_one_that_holds_pictures_back_is_not_taken() -> None:
    slow = replace(SOFTWARE, options={"preset": "superfast", "rc-lookahead": "20", "forced-idr": "1"})
    assert fault_of(slow, *SIZE) == "it delays pictures"


def test_one_that_makes_keys_where_it_likes_is_not_taken() -> None:
    own = replace(SOFTWARE, options={**SOFTWARE.options, "x264-params": "keyint=2:min-keyint=1"})
    assert fault_of(own, *SIZE) == "its keys are not where they were asked for"


def test_one_that_is_not_there_is_passed_over_for_the_next() -> None:
    missing = replace(SOFTWARE, name="h264_nowhere")
    next_one = replace(SOFTWARE, options={**SOFTWARE.options, "crf": "30"})
    assert first_fit([missing, next_one], *SIZE) is next_one
    assert first_fit([missing], *SIZE) is SOFTWARE


def test_hardware_is_taken_only_where_it_passes() -> None:
    """On any machine: what is there is what was tried."""
    fit = [one for one in HARDWARE if not fault_of(one, *SIZE)]
    assert chosen(AUTO, *SIZE) is (fit[0] if fit else SOFTWARE)
    assert chosen(SOFTWARE.name, *SIZE) is SOFTWARE
