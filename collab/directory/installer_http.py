"""The endpoints of certificates and crews."""

from __future__ import annotations

from functools import partial

import msgspec
from msgspec import UNSET, Struct, UnsetType

from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply, Streamed
from collab.files.models import MediaType
from collab.files.store import Files
from collab.problems import Refusal
from rooms.core.codes import Code

from . import schemas
from .http import ORGANIZATIONS
from .installer_repository import TagKind
from .installers import CERTIFICATE_FILE_MAX_BYTES, InstallerService
from .matching import Days
from .views import certificate_view, crew_view

CERTIFICATES = "/api/directory/certificates"
CREWS = "/api/directory/crews"
_TAGS = frozenset({"trades", "goes_to", "languages"})


class InstallerEndpoints:
    def __init__(self, installers: InstallerService, files: Files) -> None:
        self._installers = installers
        self._files = files

    def table(self) -> tuple[Endpoint, ...]:
        own = (Code.NOT_FOUND, Code.RATE_LIMITED)
        return (
            Endpoint(
                method="POST",
                path=f"{ORGANIZATIONS}/{{id}}/certificates",
                access=Access.MEMBER,
                handler=self.add_certificate,
                input=schemas.NewCertificate,
                output=schemas.CertificateView,
                status=201,
                refusals=(*own, Code.WRONG_STATE, Code.TOO_MANY),
                about="An installer's certificate. For its administrators and the park's staff.",
            ),
            Endpoint(
                method="PATCH",
                path=f"{CERTIFICATES}/{{id}}",
                access=Access.MEMBER,
                handler=self.change_certificate,
                input=schemas.ChangeCertificate,
                output=schemas.CertificateView,
                refusals=own,
                about="Correct or prolong it.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{CERTIFICATES}/{{id}}",
                access=Access.MEMBER,
                handler=self.remove_certificate,
                refusals=own,
                about="Take it away.",
            ),
            Endpoint(
                method="PUT",
                path=f"{CERTIFICATES}/{{id}}/file",
                access=Access.MEMBER,
                handler=self.bring_certificate,
                input=schemas.CertificateFileQuery,
                upload_max_bytes=CERTIFICATE_FILE_MAX_BYTES,
                output=schemas.CertificateView,
                refusals=own,
                about="The paper itself: a PDF, JPEG or PNG, known by its content.",
            ),
            Endpoint(
                method="GET",
                path=f"{CERTIFICATES}/{{id}}/file",
                access=Access.MEMBER,
                handler=self.certificate_file,
                media_type="application/octet-stream",
                refusals=(Code.NOT_FOUND,),
                about="For the installer and the park's staff.",
            ),
            Endpoint(
                method="POST",
                path=f"{ORGANIZATIONS}/{{id}}/crews",
                access=Access.MEMBER,
                handler=self.add_crew,
                input=schemas.NewCrew,
                output=schemas.CrewView,
                status=201,
                refusals=(*own, Code.WRONG_STATE, Code.TOO_MANY),
                about="A crew of an installer. For its administrators and the park's staff.",
            ),
            Endpoint(
                method="PATCH",
                path=f"{CREWS}/{{id}}",
                access=Access.MEMBER,
                handler=self.change_crew,
                input=schemas.ChangeCrew,
                output=schemas.CrewView,
                refusals=own,
                about="What it is; its present status by anybody of the installer.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{CREWS}/{{id}}",
                access=Access.MEMBER,
                handler=self.retire_crew,
                refusals=own,
                about="The crew is no more; its jobs stay.",
            ),
            Endpoint(
                method="POST",
                path=f"{CREWS}/{{id}}/busy",
                access=Access.MEMBER,
                handler=self.add_busy,
                input=schemas.NewBusy,
                output=schemas.CrewView,
                refusals=(*own, Code.TOO_MANY),
                about="Days on which the crew is taken, both included. By anybody of the installer.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{CREWS}/{{id}}/busy/{{busy_id}}",
                access=Access.MEMBER,
                handler=self.remove_busy,
                output=schemas.CrewView,
                refusals=own,
                about="Free them again; the days of a job go with the job.",
            ),
        )

    async def add_certificate(self, call: Call[schemas.NewCertificate]) -> Reply:
        added = await self._installers.add_certificate(call.caller.signed_in, call.path["id"], _values(call.input))
        return Reply(certificate_view(added, within=True))

    async def change_certificate(self, call: Call[schemas.ChangeCertificate]) -> Reply:
        changed = await self._installers.change_certificate(call.caller.signed_in, call.path["id"], _values(call.input))
        return Reply(certificate_view(changed, within=True))

    async def remove_certificate(self, call: Call[Nothing]) -> Reply:
        await self._installers.remove_certificate(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def bring_certificate(self, call: Call[schemas.CertificateFileQuery]) -> Reply:
        certificate_id = call.path["id"]
        await self._installers.bringing_file(call.caller.signed_in, certificate_id)
        async with call.upload() as upload:
            kept = await self._installers.keep_file(certificate_id, upload, call.input.name)
        return Reply(certificate_view(kept, within=True))

    async def certificate_file(self, call: Call[Nothing]) -> Reply:
        found = await self._installers.file(call.caller.signed_in, call.path["id"])
        file = await self._files.get(found.file_sha256 or "")
        if file is None:
            raise Refusal(Code.NOT_FOUND, "no file")
        name = "" if MediaType(file.media_type).is_picture else found.file_name
        chunks = partial(self._files.stream, file.sha256)
        return Reply(Streamed(chunks, file.media_type, file.size_bytes, file.sha256, name))

    async def add_crew(self, call: Call[schemas.NewCrew]) -> Reply:
        values, tags = _crew_values(call.input)
        added = await self._installers.add_crew(call.caller.signed_in, call.path["id"], values, tags)
        return Reply(crew_view(added, within=True))

    async def change_crew(self, call: Call[schemas.ChangeCrew]) -> Reply:
        values, tags = _crew_values(call.input)
        changed = await self._installers.change_crew(call.caller.signed_in, call.path["id"], values, tags)
        return Reply(crew_view(changed, within=True))

    async def retire_crew(self, call: Call[Nothing]) -> Reply:
        await self._installers.retire_crew(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def add_busy(self, call: Call[schemas.NewBusy]) -> Reply:
        body = call.input
        days = Days(body.starts_on, body.ends_on)
        crew = await self._installers.add_busy(call.caller.signed_in, call.path["id"], days, body.note)
        return Reply(crew_view(crew, within=True))

    async def remove_busy(self, call: Call[Nothing]) -> Reply:
        crew = await self._installers.remove_busy(call.caller.signed_in, call.path["id"], call.path["busy_id"])
        return Reply(crew_view(crew, within=True))


def _values(body: Struct) -> dict[str, object]:
    """What was given."""
    return {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}


def _crew_values(body: schemas.NewCrew | schemas.ChangeCrew) -> tuple[dict[str, object], dict[str, tuple[str, ...]]]:
    """(columns, tags by kind)."""
    values = {name: value for name, value in _values(body).items() if name not in _TAGS}
    words = ((TagKind.TRADE, body.trades), (TagKind.REGION, body.goes_to), (TagKind.LANGUAGE, body.languages))
    return values, {kind: given for kind, given in words if not isinstance(given, UnsetType)}
