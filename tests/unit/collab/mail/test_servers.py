"""TONGXIN_SMTP_URL."""

from __future__ import annotations

import pytest

from collab.mail.servers import SmtpServer, smtp_server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, "", "", tls=False, starttls=None)),
        ("smtp://mail.example:25?starttls=never", SmtpServer("mail.example", 25, "", "", tls=False, starttls=False)),
        ("smtp://u:p%40ss@mail.example?starttls=must", SmtpServer("mail.example", 587, "u", "p@ss", False, True)),
        ("smtps://mail.example", SmtpServer("mail.example", 465, "", "", tls=True, starttls=False)),
    ],
)
def test_servers(url: str, server: SmtpServer) -> None:
    assert smtp_server(url) == server


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://m?tls=1", "smtp://m?x"])
def test_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the setting has its own sentence
        smtp_server(url)
