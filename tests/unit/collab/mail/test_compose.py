"""Mails as bytes: readable by another parser, with nothing of a person's text in a header of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.mail.compose import compose, mailbox_of
from collab.mail.models import Mail, MailMethod, Waiting
from tests.support.mail import read_back, text_of

SENDER = mailbox_of("同心 <noreply@park.example>")
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nSUMMARY:周会\r\nEND:VCALENDAR\r\n"


def waiting(**fields: object) -> Waiting:
    values: dict[str, object] = {"key": "k", "to_address": "li@works.example", "subject": "s", "text": "t", **fields}
    return Waiting("01mail", 1, 1_700_000_000_000, Mail(**values))  # type: ignore[arg-type]


def test_chinese_comes_back_as_it_was_written() -> None:
    mail = waiting(subject="您有一条新事项", text="第一行\n第二行\n", html="<p>第一行</p>", to_name="李娜")
    found = read_back(compose(mail, SENDER).as_bytes())
    assert found["Subject"] == "您有一条新事项"
    assert found["To"].addresses[0].display_name == "李娜"
    assert found["From"].addresses[0].addr_spec == "noreply@park.example"
    assert text_of(found).splitlines() == ["第一行", "第二行"]
    html = found.get_body(("html",))
    assert html is not None
    assert "第一行" in html.get_content()


def test_the_message_id_belongs_to_the_row() -> None:
    first, again = (compose(waiting(), SENDER)["Message-ID"] for _ in range(2))
    assert first == again == "<01mail@park.example>"


def test_an_invitation_carries_its_method_and_a_file() -> None:
    found = read_back(compose(waiting(calendar=CALENDAR.encode(), method=MailMethod.REQUEST), SENDER).as_bytes())
    (part,) = (one for one in found.walk() if one.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST"
    assert "SUMMARY:周会" in part.get_content()
    (attached,) = found.iter_attachments()
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content() == CALENDAR.encode()


@given(subject=st.text(max_size=300), name=st.text(max_size=120))
def test_no_text_makes_a_header_of_its_own(subject: str, name: str) -> None:
    mail = waiting(subject=f"{subject}\r\nBcc: all@park.example", to_name=f"{name}\nX-Evil: 1")
    found = read_back(compose(mail, SENDER).as_bytes())
    assert found["Bcc"] is None
    assert found["X-Evil"] is None
    assert [one.addr_spec for one in found["To"].addresses] == ["li@works.example"]


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nBcc: c@d", "@x", "x@"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        compose(waiting(to_address=address), SENDER)
