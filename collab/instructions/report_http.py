"""The endpoints of reports."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import Body
from collab.assist.record_http import asker
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply, Streamed
from collab.files.models import MediaType
from collab.files.store import Files
from collab.problems import Refusal
from rooms.core.codes import Code

from .models import KeptReport
from .reporting import ReportService

REPORTS = "/api/assist/sessions/{id}/reports"


class ReportLanguage(StrEnum):
    ENGLISH = "en"
    CHINESE = "zh"


class NewReport(Body, frozen=True, kw_only=True):
    language: ReportLanguage
    time_zone: Annotated[str, Meta(max_length=64)] = "Asia/Shanghai"


class ReportView(Struct, frozen=True):
    id: str
    number: str
    language: str
    chain: str  # last link, hex
    name: str  # of who asked for it
    made_at_ms: int
    pdf_url: str
    html_url: str


class ReportList(Struct, frozen=True):
    reports: tuple[ReportView, ...]


class ReportEndpoints:
    def __init__(self, reports: ReportService, files: Files) -> None:
        self._reports = reports
        self._files = files

    def table(self) -> tuple[Endpoint, ...]:
        entered = (Code.FORBIDDEN, Code.NOT_FOUND, Code.UNAUTHENTICATED)
        return (
            Endpoint(
                method="GET",
                path=REPORTS,
                access=Access.ANYONE,
                handler=self.list_reports,
                output=ReportList,
                refusals=entered,
                about="The reports of a session, newest first.",
            ),
            Endpoint(
                method="POST",
                path=REPORTS,
                access=Access.ANYONE,
                handler=self.make_report,
                input=NewReport,
                output=ReportView,
                status=201,
                refusals=(*entered, Code.TOO_MANY, Code.BAD_FILE, Code.UNAVAILABLE, Code.RATE_LIMITED),
                about="Make a report of what is there now, as PDF and HTML, chained and sealed.",
            ),
            Endpoint(
                method="GET",
                path=f"{REPORTS}/{{report_id}}/pdf",
                access=Access.ANYONE,
                handler=self.read_pdf,
                media_type=MediaType.PDF,
                refusals=entered,
                about="The report as PDF.",
            ),
            Endpoint(
                method="GET",
                path=f"{REPORTS}/{{report_id}}/html",
                access=Access.ANYONE,
                handler=self.read_html,
                media_type=MediaType.HTML,
                refusals=entered,
                about="The report as one HTML file, to be saved.",
            ),
        )

    async def list_reports(self, call: Call[Nothing]) -> Reply:
        found = await self._reports.listed(asker(call.caller), call.path["id"])
        return Reply(ReportList(tuple(_view(report) for report in found)))

    async def make_report(self, call: Call[NewReport]) -> Reply:
        body = call.input
        return Reply(
            _view(await self._reports.make(asker(call.caller), call.path["id"], body.language, body.time_zone))
        )

    async def read_pdf(self, call: Call[Nothing]) -> Reply:
        return await self._file(call, MediaType.PDF)

    async def read_html(self, call: Call[Nothing]) -> Reply:
        return await self._file(call, MediaType.HTML)

    async def _file(self, call: Call[Nothing], kind: MediaType) -> Reply:
        report = await self._reports.report(asker(call.caller), call.path["id"], call.path["report_id"])
        file = await self._files.get(report.pdf_sha256 if kind is MediaType.PDF else report.html_sha256)
        if file is None:
            raise Refusal(Code.NOT_FOUND, "no such file")
        name = f"{report.number}.{'pdf' if kind is MediaType.PDF else 'html'}"
        return Reply(Streamed(partial(self._files.stream, file.sha256), kind, file.size_bytes, file.sha256, name))


def _view(report: KeptReport) -> ReportView:
    base = f"{REPORTS.format(id=report.session_id)}/{report.id}"
    return ReportView(
        id=report.id,
        number=report.number,
        language=report.language,
        chain=report.chain,
        name=report.name,
        made_at_ms=report.made_at_ms,
        pdf_url=f"{base}/pdf",
        html_url=f"{base}/html",
    )
