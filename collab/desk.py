"""The park's desk: what works in the background, built alike by the server (app.py) and by `tongxin worker`.

A feature is built here when it has jobs: it gets the database, `jobs`, `nudge` and the clock, and registers its
handlers before the desk runs.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from .announcements.clock import AnnouncementClock
from .announcements.repository import AnnouncementRepository
from .calls.repository import CallRepository
from .calls.service import CallClock
from .clock import new_id, now_ms
from .config import Settings
from .db.engine import Database
from .edge.outward import public_or_within
from .jobs.alarm import DocketAlarm
from .jobs.jobs import Jobs
from .limits import Limits
from .livestream.registration import LivestreamDesk
from .livestream.registration_repository import RegistrationRepository
from .livestream.repository import LivestreamRepository
from .mail.compose import mailbox_of
from .mail.outbox import Outbox
from .mail.sender import MailSender
from .mail.servers import smtp_server
from .mail.transport import FolderTransport, SmtpTransport, Transport
from .notices.delivery import Delivery, Pages
from .notices.inbox import InboxService
from .notices.push import PushSender, PushSubscriptions, PushWay
from .notices.push_http import HttpPushWay, VapidKey
from .notices.repository import NoticeRepository
from .schedule.desk import ScheduleDesk
from .webhooks.push_http import HttpWay
from .webhooks.repository import WebhookRepository
from .webhooks.sender import Way as WebhookWay
from .webhooks.sender import WebhookSender

SWEEP_S: Final = 60
OLD_EVERY_S: Final = 3_600
OUTBOX_FOLDER: Final = "outbox"

_DELIVER: Final = "notices.deliver"
_DIGESTS: Final = "notices.digests"
_WEBHOOKS: Final = "webhooks.send"
_OLD_WEBHOOKS: Final = "webhooks.old"


@dataclass(frozen=True, slots=True)
class Ways:
    """Out of the server."""

    mail: Transport
    push: PushWay
    push_key: VapidKey
    webhooks: WebhookWay


class Desk:
    """One of each.  `nudge` after a commit that put mail or notices."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        jobs: Jobs,
        ways: Ways,
        pages: Pages,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        self.database = database
        self.jobs = jobs
        self.clock_ms = clock_ms
        self.links_url = settings.links_url
        self.mail = MailSender(Outbox(database), ways.mail, mailbox_of(settings.mail_from), clock_ms)
        self.notices = NoticeRepository(database)
        self.subscriptions = PushSubscriptions(database)
        self.pushes = PushSender(self.subscriptions, ways.push, clock_ms)
        self.push_key = ways.push_key.public
        self.delivery = Delivery(self.notices, pages, settings.links_url, clock_ms)
        self.schedule = ScheduleDesk(database, jobs, self.nudge, clock_ms, settings.links_url)
        self.livestreams = LivestreamDesk(
            LivestreamRepository(database),
            RegistrationRepository(database),
            jobs,
            self.nudge,
            clock_ms,
            settings.links_url,
        )
        self.calls = CallRepository(database)
        self.call_clock = CallClock(self.calls, pages, jobs, self.nudge, clock_ms)
        self.announcements = AnnouncementRepository(database)
        self.announcement_clock = AnnouncementClock(self.announcements, jobs, self.nudge, clock_ms)
        self.webhooks = WebhookSender(
            WebhookRepository(database), ways.webhooks, clock_ms, self._send_webhooks_at, self.nudge
        )
        jobs.register(_DELIVER, self.work)
        jobs.register(_WEBHOOKS, self.send_webhooks)
        jobs.every(_OLD_WEBHOOKS, OLD_EVERY_S, self.webhooks.delete_old)
        jobs.every(_DELIVER, SWEEP_S, self.work)
        jobs.every(_DIGESTS, SWEEP_S, self.send_digests)

    def nudge(self) -> None:
        """Never fails and never waits: what this misses, the sweep finds."""
        self.jobs.soon(_DELIVER, new_id())

    async def work(self) -> None:
        """Everything that is due now.  Several may do this at once: each row is claimed."""
        await self.delivery.deliver()
        await asyncio.gather(self.mail.send_due(), self.pushes.send_due(), self.webhooks.send_due())

    async def send_webhooks(self) -> None:
        await self.webhooks.send_due()

    def _send_webhooks_at(self, delivery_id: str, when_ms: int) -> None:
        self.jobs.at(_WEBHOOKS, delivery_id, when_ms)

    def inbox(self, limits: Limits) -> InboxService:
        return InboxService(self.notices, self.subscriptions, self.delivery, limits, self.clock_ms)

    async def send_digests(self) -> None:
        if await self.delivery.send_digests():
            await self.mail.send_due()


@asynccontextmanager
async def open_jobs(redis_url: str) -> AsyncIterator[Jobs]:
    """Over Redis; they run once the desk is built (`Jobs.running`)."""
    alarm = DocketAlarm(redis_url)
    await alarm.open()
    try:
        yield Jobs(alarm)
    finally:
        await alarm.close()


@asynccontextmanager
async def open_ways(settings: Settings) -> AsyncIterator[Ways]:
    contact = mailbox_of(settings.mail_from).addr_spec
    key = await asyncio.to_thread(VapidKey.read, settings.data_dir, contact)
    push, webhooks = HttpPushWay(key), HttpWay(public_or_within(settings.webhook_networks))
    try:
        yield Ways(await _mail_transport(settings), push, key, webhooks)
    finally:
        await webhooks.close()
        await push.close()


async def _mail_transport(settings: Settings) -> Transport:
    if not settings.smtp_url:
        return FolderTransport(settings.data_dir / OUTBOX_FOLDER)
    return SmtpTransport(smtp_server(settings.smtp_url), await asyncio.to_thread(ssl.create_default_context))
