"""An uploaded document is kept: a PDF as it is, a JPEG or PNG without what else it carried; nothing else is taken."""

from __future__ import annotations

from typing import Final

from collab.edge.uploads import Received
from collab.problems import Refusal
from rooms.core.codes import Code

from .contents import PDF_LOOK_BYTES, BadFile, check_pdf, read_picture
from .models import MediaType, StoredFile
from .store import Files

PICTURE_DOCUMENT_MAX_BYTES: Final = 20_000_000  # looked through in memory


async def keep_document(files: Files, upload: Received) -> StoredFile:
    """Raises BAD_FILE, TOO_LARGE."""
    begin, end = await upload.ends(PDF_LOOK_BYTES)
    try:
        if begin.startswith(b"%PDF-"):
            check_pdf(begin, end)
            return await files.keep_file(upload.path, upload.sha256, upload.size_bytes, MediaType.PDF)
        if upload.size_bytes > PICTURE_DOCUMENT_MAX_BYTES:
            raise Refusal(Code.TOO_LARGE, "a picture as document")
        picture = read_picture(await upload.content())
    except BadFile as bad:
        raise Refusal(Code.BAD_FILE, str(bad)) from None
    return await files.keep(picture.content, picture.media_type)
