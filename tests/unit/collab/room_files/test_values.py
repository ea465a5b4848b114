"""Names of shared files: hostile ones too, and always ending as what they are."""

from __future__ import annotations

import pytest

from collab.files.models import MediaType
from collab.room_files.values import file_name
from signaling.file_messages import FILE_NAME_MAX_CHARS


@pytest.mark.parametrize(
    ("raw", "kind", "shown"),
    [
        ("平面图.PDF", MediaType.PDF, "平面图.PDF"),
        ("photo.jpeg", MediaType.JPEG, "photo.jpeg"),
        ("invoice.pdf.exe", MediaType.PDF, "invoice.pdf.exe.pdf"),
        ("../../etc/passwd", MediaType.PNG, "passwd.png"),
        ("C:\\Users\\li\\plan.png", MediaType.PNG, "plan.png"),
        ("gpj\u202e.pdf", MediaType.JPEG, "gpj.pdf.jpg"),
        (".pdf", MediaType.PDF, "pdf.pdf"),
        ("\u200b", MediaType.PDF, "file.pdf"),
        ("a\r\nSet-Cookie: x", MediaType.PDF, "a Set-Cookie: x.pdf"),
    ],
)
def test_a_name_is_one_line_without_folders_and_ends_as_what_it_is(raw: str, kind: MediaType, shown: str) -> None:
    assert file_name(raw, kind) == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = file_name("n" * 500, MediaType.PDF)
    assert (len(name), name[-4:]) == (FILE_NAME_MAX_CHARS, ".pdf")
