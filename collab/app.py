"""The only place that constructs things.  The start reads from top to bottom; the stop is its reverse."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from rooms.manager import Manager
from rooms.store.bus import RedisBus
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.leases import RedisLeases
from rooms.store.once import OnceStore
from rooms.store.presence import RedisPresence
from rooms.store.rate import RateLimiter
from rooms.store.sessions import SessionStore
from rooms.store.snapshots import RedisSnapshots
from rooms.tasks import TaskOwner
from signaling.egress.broadcasts import Broadcasts, sizes
from signaling.egress.recording import Studio
from signaling.egress.rooms import RecorderOfRooms
from signaling.limits import DoorLimits
from signaling.rehearsal import Rehearsals
from signaling.relay import Relay
from signaling.services import Services
from signaling.sfu.plane import SfuPlane
from signaling.websocket import WebSocketEdge
from signaling.whip import StreamEdge

from .accounts.connections import ConnectionsOfAllNodes
from .accounts.engine import accounts_of
from .accounts.http import AccountEndpoints
from .accounts.passwords import Passwords
from .accounts.remembered import RememberedSessions
from .accounts.repository import AccountRepository
from .addresses import TcpPlan, advertised_addresses, bindable, machine_addresses, reached_here, tcp_plan
from .announcements.http import AnnouncementEndpoints
from .announcements.receipts import ReceiptRepository
from .announcements.service import AnnouncementService
from .assist.door import SqlAssistDoor
from .assist.removed_marks import SqlRemovedMarks
from .assist.session_repository import SessionRepository
from .assistance import open_assistance
from .audit.http import AuditEndpoints
from .audit.repository import AuditRepository
from .audit.service import AuditService
from .broadcasts.elsewhere import StreamsElsewhere
from .broadcasts.http import HlsEdge
from .broadcasts.repository import BroadcastRepository
from .broadcasts.service import BroadcastService
from .broadcasts.shelf import open_shelf
from .calls.chat import CallChats
from .calls.http import CallEndpoints
from .calls.own_subjects import own_subjects
from .calls.service import CallService
from .clock import new_id, now_ms
from .config import Settings
from .db.engine import Database, is_away
from .db.migrate import migrate_or_fail
from .desk import Desk, open_jobs, open_ways
from .directory.engine import directory_of, remind_by
from .directory.presence import PresenceService
from .directory.presence_http import PresenceEndpoints
from .doctor.http import DoctorEndpoints
from .edge.callers import Callers, Proxies
from .edge.dispatch import Dispatcher
from .edge.endpoint import Endpoint
from .edge.gauges import ServerGauges, registry_of
from .edge.guard import guard, security_headers
from .edge.http import description_routes, page_routes
from .edge.idle import QuietConnections
from .edge.operations import Operations
from .edge.outward import public_or_within
from .edge.pages import Pages
from .edge.uploads import Uploads
from .files.store import Files, open_store
from .health.engine import health_of
from .health.http import HealthEndpoints
from .health.service import HealthService
from .home.http import HomeEndpoints
from .home.repository import HomeRepository
from .home.service import HomeService
from .housekeeping import keep_house
from .imports.engine import imports_of
from .imports.http import ImportEndpoints
from .ingest.arrivals import Arrivals
from .ingest.http import StreamKeyEndpoints
from .ingest.repository import StreamKeyRepository
from .ingest.rtmp_http import RtmpEdge
from .ingest.service import EncoderDoor, StreamKeyService
from .ingest.srt import SrtListeners
from .keys import prepare_data_folder
from .limits import Limits
from .livestream.broadcaster import LivestreamBroadcaster
from .livestream.captions import CaptionRepository
from .livestream.hand_repository import HandRepository
from .livestream.http import LivestreamEndpoints
from .livestream.hub_repository import HubRepository
from .livestream.hubs import HubsOfAllNodes
from .livestream.numbers_http import NumbersEndpoints
from .livestream.numbers_repository import NumbersRepository
from .livestream.registration import RegistrationService
from .livestream.repository import LivestreamRepository
from .livestream.service import LivestreamService
from .livestream.watch_http import WatchEndpoints
from .livestream.watching import LivestreamDoor, WatchDoor, WatchService
from .livestream.websocket import HubEdge
from .meetings.archive import SqlRoomArchive
from .meetings.doorkeeper import MeetingDoorkeeper
from .meetings.first_start import FirstLinks, first_links
from .meetings.http import MeetingEndpoints
from .meetings.live_rooms import LiveRoomsOfAllNodes
from .meetings.repository import MeetingRepository
from .meetings.service import MeetingService
from .meetings.turn_servers import TurnServers
from .notices.http import NoticeEndpoints
from .notices.live import PagesOfAllNodes
from .officers.engine import officers_of
from .officers.http import OfficerEndpoints
from .oidc.engine import open_oidc
from .oidc.http import OidcEndpoints
from .opening import answering, captions_model, check_redis, find_redis, open_media
from .organizations.repository import OrganizationRepository
from .patrols.http import PatrolEndpoints
from .patrols.repository import PatrolRepository
from .patrols.service import PatrolService
from .personal.engine import personal_of, personal_work
from .personal.http import PersonalEndpoints
from .policies.http import PolicyEndpoints
from .policies.repository import PolicyRepository
from .policies.service import PolicyService
from .recordings.http import RecordingEndpoints
from .recordings.repository import RecordingRepository
from .recordings.service import RecordingService
from .reports.pictures import FONTS
from .requests.engine import requests_of
from .restream.http import RestreamEndpoints
from .restream.repository import RestreamRepository
from .restream.service import RestreamService
from .room_files.http import RoomFileEndpoints
from .room_files.repository import RoomFileRepository
from .room_files.service import RoomFileService
from .schedule.answers import AnswerRepository
from .schedule.availability import AvailabilityService
from .schedule.door import ScheduleDoor
from .schedule.event_repository import EventRepository
from .schedule.expand import prepare_zones
from .schedule.feeds import FeedService
from .schedule.http import ScheduleEndpoints
from .schedule.mailing_repository import MailingRepository
from .schedule.people_http import PeopleEndpoints
from .schedule.people_repository import PeopleRepository
from .schedule.record_http import ScheduleRecordEndpoints
from .schedule.record_repository import ScheduleRecordRepository
from .schedule.records import ScheduleRecordService
from .schedule.replies import ReplyService
from .schedule.reply_http import ReplyEndpoints
from .schedule.service import ScheduleService
from .sealing import Sealer
from .symposiums.engine import file_soon, symposiums_of
from .symposiums.http import SymposiumEndpoints
from .tokens.http import TokenEndpoints
from .tokens.repository import TokenRepository
from .tokens.service import TokenService
from .webhooks.http import WebhookEndpoints
from .webhooks.repository import WebhookRepository
from .webhooks.service import WebhookService
from .webhooks.signing import SECRET_BYTES, secret_of

WEB_FOLDER: Final = Path(__file__).parent / "web"

# For whoever runs the application: what it printed links for, and where it listens for media.
LINKS: Final = web.AppKey("links", FirstLinks)
MEDIA_PORTS: Final = web.AppKey("media_ports", tuple[int, ...])
MEDIA: Final = web.AppKey("media", SfuPlane)
TCP_PLAN: Final = web.AppKey("tcp_plan", TcpPlan)
DATABASE: Final = web.AppKey("database", Database)
ENDPOINTS: Final = web.AppKey("endpoints", tuple[Endpoint, ...])
QUIET: Final = web.AppKey("quiet", QuietConnections)
DESK: Final = web.AppKey("desk", Desk)
HEALTH: Final = web.AppKey("health", HealthService)
ROOMS: Final = web.AppKey("rooms", Manager)
LIVESTREAMS: Final = web.AppKey("livestreams", LivestreamService)
RECORDER: Final = web.AppKey("recorder", RecorderOfRooms)
BROADCASTS: Final = web.AppKey("broadcasts", Broadcasts)

NAMES_FONT: Final = "NotoSansSC-400.ttf"  # of names in recordings

log = structlog.get_logger("app")


@asynccontextmanager
async def build_app(settings: Settings, *, desk_clock_ms: Callable[[], int] = now_ms) -> AsyncIterator[web.Application]:
    """The whole server but for its listening socket.  Raises StartFailure.

    `desk_clock_ms`: by which the desk's deadlines and notices go; tests turn its hands."""
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(prepare_data_folder, settings.data_dir)
        node = settings.node or f"{socket.gethostname().partition('.')[0]}-{secrets.token_hex(4)}"

        # State: what must not be lost, then what may be.
        database = await asyncio.to_thread(Database, settings.effective_database_url)
        stack.push_async_callback(database.close)
        if applied := await migrate_or_fail(database):
            log.info("migrated", revisions=applied)
        redis_url = await find_redis(settings, stack)
        store = RedisStore(redis_url)
        stack.push_async_callback(store.close)
        await check_redis(store)
        keys = Keys()
        presence = RedisPresence(store, keys, now_ms)
        buckets = RateLimiter(store, keys)
        sessions = RememberedSessions(SessionStore(store, keys, now_ms), now_ms)
        bus = RedisBus(node, redis_url, keys)
        stack.push_async_callback(bus.close)

        # People and meetings.
        accounts_sql, meetings_sql = AccountRepository(database), MeetingRepository(database)
        archive = SqlRoomArchive(database, meetings_sql, SqlRemovedMarks(database))
        passwords = await asyncio.to_thread(Passwords, settings.password_min_chars)
        stack.push_async_callback(passwords.close)
        limits = Limits(buckets)
        audit_sql = AuditRepository(database)
        audit = AuditService(audit_sql, limits)
        sessions_sql = SessionRepository(database)
        turn = TurnServers(settings.turn_urls, settings.turn_secret)
        schedule_door = ScheduleDoor(database, now_ms)
        livestreams_sql, hands_sql = LivestreamRepository(database), HandRepository(database)
        stream_keys_sql = StreamKeyRepository(database, livestreams_sql)
        encoders = EncoderDoor(stream_keys_sql, livestreams_sql, now_ms)
        doorkeeper = MeetingDoorkeeper(
            accounts_sql,
            meetings_sql,
            archive,
            sessions,
            public_url=settings.public_url,
            turn=turn,
            assist=SqlAssistDoor(sessions_sql),
            schedule=schedule_door,
            stage=LivestreamDoor(livestreams_sql, hands_sql),
            encoders=encoders,
        )

        # Rooms and media.
        advertised = advertised_addresses(settings.public_address, bindable(settings.media_address))
        tcp = tcp_plan(
            (bindable(settings.http_host), settings.http_port),
            (bindable(settings.media_address), settings.media_port),
            machine_addresses(),
        )
        media = open_media(settings, advertised, tcp)
        stack.push_async_callback(media.close)
        files = Files(open_store(settings.files_url, settings.data_dir / "files", settings.files_endpoint), database)
        room_files = RoomFileService(
            RoomFileRepository(database), meetings_sql, files, OnceStore(store, keys), limits, now_ms
        )
        recordings_sql = RecordingRepository(database)
        recordings = RecordingService(
            recordings_sql, meetings_sql, files, limits, settings.data_dir / "recordings", audit
        )
        stack.push_async_callback(recordings.close)
        studio = Studio(
            lambda room_id: rooms.find(room_id),  # noqa: PLW0108 -- the rooms are made below, with what films them
            media.media_of,
            reached_here(bindable(settings.media_address)),
            str(FONTS / NAMES_FONT),
            settings.video_encoder,
        )
        recorder = RecorderOfRooms(recordings, studio)
        broadcasts_sql = BroadcastRepository(database)
        broadcasts_kept = BroadcastService(broadcasts_sql, recordings, settings.hls_folder, open_shelf(settings))
        stack.push_async_callback(broadcasts_kept.close)
        broadcasts = Broadcasts(
            broadcasts_kept,
            studio,
            sizes(second=settings.live_sizes > 1),
            await asyncio.to_thread(captions_model, settings.captions_model),
        )
        await broadcasts_kept.start(broadcasts.find)
        broadcaster = LivestreamBroadcaster(broadcasts.follow)
        stack.push_async_callback(broadcaster.close)
        rooms = Manager(
            node,
            leases=RedisLeases(store, keys),
            snapshots=RedisSnapshots(store, keys),
            presence=presence,
            media=media,
            archive=archive,
            recorder=recorder,
            broadcaster=broadcaster,
            archive_is_away=is_away,
        )
        await rooms.start()
        stack.push_async_callback(rooms.close)
        stack.push_async_callback(recorder.close)
        stack.push_async_callback(broadcasts.close)
        await recordings.start(lambda id_: recorder.is_made(id_) or broadcasts.find(id_) is not None)
        streams_elsewhere = StreamsElsewhere(broadcasts_sql, presence, bus, broadcasts_kept.stream_of)
        stack.push_async_callback(streams_elsewhere.close)
        relay = Relay(bus)
        door_limits = DoorLimits(buckets)
        services = Services(
            doorkeeper, rooms, media, door_limits, relay, clock_ms=now_ms, new_id=new_id, files=room_files
        )
        await stack.enter_async_context(relay.serving(services))
        proxies = Proxies(settings.trusted_proxies)
        edge = WebSocketEdge(services, proxies.address)
        rehearsals = Rehearsals(media)
        stack.push_async_callback(rehearsals.close)

        # The API.
        connections = ConnectionsOfAllNodes(edge, sessions, presence, bus)
        organizations = OrganizationRepository(database)
        accounts, recovery = accounts_of(
            accounts_sql, organizations, audit_sql, passwords, sessions, connections, limits, settings.links_url,
            lambda: desk.nudge(),  # noqa: PLW0108 -- the desk is built below
        )  # fmt: skip
        oidc = await stack.enter_async_context(
            open_oidc(
                settings,
                database,
                accounts,
                OnceStore(store, keys),
                limits,
                audit_sql,
                lambda: desk.nudge(),  # noqa: PLW0108
            )
        )
        live = LiveRoomsOfAllNodes(rooms, presence, bus)
        meetings = MeetingService(meetings_sql, live, limits, settings.guest_hours, schedule_door.renew)
        assistance = await open_assistance(
            settings,
            database,
            sessions_sql,
            accounts_sql,
            organizations,
            meetings_sql,
            meetings,
            live,
            files,
            limits,
        )
        machines, jobs = assistance.machines, assistance.jobs
        uploads = Uploads(settings.data_dir / "uploads")
        jobs_queue = await stack.enter_async_context(open_jobs(redis_url))
        pages_of_people = PagesOfAllNodes(edge, presence, bus)
        ways = await stack.enter_async_context(open_ways(settings))
        desk = Desk(settings, database, jobs_queue, ways, pages_of_people, desk_clock_ms)
        await asyncio.to_thread(prepare_zones)
        events_sql, people_sql = EventRepository(database), PeopleRepository(database)
        answers_sql = AnswerRepository(database)
        schedule = ScheduleService(
            events_sql, people_sql, answers_sql, limits, now_ms, on_change=desk.schedule.changed, nudge=desk.nudge
        )
        availability = AvailabilityService(people_sql, limits, now_ms)
        requests = requests_of(desk, accounts_sql, files, limits)
        health = health_of(desk, requests, limits)
        symposiums = symposiums_of(desk, accounts_sql, requests).service(
            meetings, live, limits, lambda: file_soon(desk)
        )
        replies = ReplyService(MailingRepository(database), answers_sql, limits, now_ms, desk.nudge)
        minutes = ScheduleRecordService(schedule, ScheduleRecordRepository(database), now_ms, desk.nudge)
        feeds = FeedService(availability, events_sql, accounts_sql, limits, now_ms)
        if shipped := await requests.types.ship():
            log.info("request_types_shipped", types=shipped)
        directory = directory_of(desk, accounts_sql, machines, files, limits)
        remind_by(desk)
        officers = officers_of(database, accounts_sql, jobs, requests.service.reach, desk.nudge, desk.clock_ms)
        patrols = PatrolService(database, PatrolRepository(database), jobs, files, limits, desk.nudge, desk.clock_ms)
        policies = PolicyService(
            PolicyRepository(database),
            requests.service,
            requests.filing,
            requests.types,
            limits,
            desk.nudge,
            desk.clock_ms,
        )
        subjects = own_subjects(accounts_sql, machines, jobs, requests.service, directory.pages, schedule)
        calls = CallService(
            desk.calls,
            desk.call_clock,
            subjects,
            accounts_sql,
            meetings,
            pages_of_people,
            limits,
            now_ms,
            room_files.link_to,
        )
        hubs = HubsOfAllNodes(livestreams_sql, HubRepository(database), hands_sql, presence, bus)
        stack.push_async_callback(hubs.close)
        livestreams = LivestreamService(livestreams_sql, files, limits, hubs, desk.nudge)
        registrations = RegistrationService(
            livestreams_sql, desk.livestreams.registrations, limits, settings.links_url, desk.nudge
        )
        watching = WatchService(livestreams_sql, registrations, hands_sql, meetings_sql, hubs)
        broadcaster.connect(livestreams, hubs)
        broadcasts_kept.hear = broadcaster.said
        captions_sql = CaptionRepository(database)
        recordings.when_captioned(captions_sql.keeping(settings.captions_language))
        recordings.when_ready(livestreams.film_ready)
        streams = StreamEdge(
            doorkeeper,
            rooms,
            media,
            bus,
            door_limits,
            proxies.address,
            audience=WatchDoor(watching, meetings_sql),
            audience_max=settings.live_whep_viewers,
        )
        stack.push_async_callback(streams.close)
        hubs.cut, hubs.send_away = streams.cut, live.send_away
        sealer = await asyncio.to_thread(Sealer.read, settings.data_dir)
        restreams = RestreamService(
            RestreamRepository(database),
            livestreams,
            sealer,
            limits,
            lambda: broadcasts.live,
            public_or_within(settings.restream_networks),
            now_ms,
        )
        arrivals = Arrivals(encoders, doorkeeper, streams)
        stack.push_async_callback(arrivals.close)
        srt = SrtListeners(stream_keys_sql, arrivals, sealer)
        stream_keys = StreamKeyService(
            stream_keys_sql, livestreams, live, limits, now_ms, sealer, settings.srt_ports, srt.changed
        )
        hub_edge = HubEdge(
            hubs,
            watching,
            doorkeeper,
            limits,
            proxies.address,
        )
        imports = imports_of(desk, files, limits)
        personal_work(desk, files, sessions, connections)
        personal = personal_of(desk, accounts_sql, passwords, files, limits)
        tokens = TokenService(TokenRepository(database), accounts_sql, limits, now_ms)
        webhooks = WebhookService(
            WebhookRepository(database),
            limits,
            desk.clock_ms,
            lambda: secret_of(secrets.token_bytes(SECRET_BYTES)),
            desk.nudge,
            plain=bool(settings.webhook_networks),
        )
        inbox = desk.inbox(limits)
        announcements = AnnouncementService(
            desk.announcements,
            ReceiptRepository(database),
            desk.announcement_clock,
            files,
            desk.delivery,
            limits,
            desk.nudge,
            desk.clock_ms,
        )
        home = HomeService(HomeRepository(database), schedule, requests.service, calls, inbox, jobs, symposiums, now_ms)
        database_answers, redis_answers = answering(database.ping), answering(store.ping)
        endpoints = (
            *AccountEndpoints(accounts, recovery).table(),
            *OidcEndpoints(oidc, accounts).table(),
            *AuditEndpoints(audit).table(),
            *ImportEndpoints(imports).table(),
            *TokenEndpoints(tokens).table(),
            *PersonalEndpoints(personal).table(),
            *WebhookEndpoints(webhooks).table(),
            *MeetingEndpoints(meetings, doorkeeper, schedule_door.keeps_attendance, symposiums.in_room).table(),
            *assistance.endpoints,
            *RecordingEndpoints(recordings).table(),
            *RoomFileEndpoints(room_files, files).table(),
            *ScheduleEndpoints(schedule).table(),
            *PeopleEndpoints(availability).table(),
            *ScheduleRecordEndpoints(minutes).table(),
            *ReplyEndpoints(replies, feeds, availability, now_ms).table(),
            *requests.table(),
            *directory.table(),
            *PresenceEndpoints(PresenceService(database, presence, pages_of_people, now_ms)).table(),
            *OfficerEndpoints(officers).table(),
            *PolicyEndpoints(policies).table(),
            *SymposiumEndpoints(symposiums, desk.clock_ms).table(),
            *PatrolEndpoints(patrols, files).table(),
            *CallEndpoints(calls, CallChats(database)).table(),
            *LivestreamEndpoints(livestreams, registrations, files).table(),
            *RestreamEndpoints(restreams).table(),
            *StreamKeyEndpoints(stream_keys, streams.encoder_state, arrivals.feed_of, settings.rtmp_url).table(),
            *NumbersEndpoints(livestreams, NumbersRepository(database), audit_sql).table(),
            *WatchEndpoints(
                livestreams,
                watching,
                registrations,
                livestreams_sql,
                captions_sql,
                files,
                broadcasts_kept.url_of,
            ).table(),
            *NoticeEndpoints(inbox, desk.push_key).table(),
            *AnnouncementEndpoints(announcements, files).table(),
            *HomeEndpoints(home).table(),
            *HealthEndpoints(health).table(),
            *DoctorEndpoints(
                advertised, lambda: media.ports[0], database_answers, redis_answers, rehearsals, turn
            ).table(),
        )
        gauges = ServerGauges(media.stats, lambda: [room.view for room in rooms.rooms])
        operations = Operations(
            {"database": database_answers, "redis": redis_answers},
            registry_of(gauges),
            proxies,
            settings.metrics_networks,
        )
        pages = Pages(WEB_FOLDER)
        await asyncio.to_thread(pages.load)

        quiet = QuietConnections()
        app = web.Application(middlewares=[quiet.middleware, guard], client_max_size=settings.body_max_bytes)
        app.on_response_prepare.append(security_headers(settings.public_url.startswith("https://")))
        app.on_shutdown.append(lambda _app: edge.drain())
        callers = Callers(doorkeeper, proxies, settings.public_url, tokens)
        app.add_routes(Dispatcher(callers, doorkeeper, limits, settings.body_max_bytes, uploads).routes(endpoints))
        app.add_routes(description_routes(endpoints))
        app.add_routes(operations.routes())
        app.router.add_get("/ws", edge.handle)
        app.add_routes(streams.routes())
        if settings.rtmp_secret:
            app.add_routes(RtmpEdge(arrivals, limits, settings.rtmp_secret, settings.rtmp_from).routes())
        app.add_routes(HlsEdge(broadcasts_kept, streams_elsewhere).routes())
        app.add_routes(hub_edge.routes())
        app.add_routes(page_routes(pages))

        await bus.start()  # now that everything which other nodes may ask for is there
        await stack.enter_async_context(jobs_queue.running(works=settings.jobs == "here"))
        tasks = TaskOwner()
        stack.push_async_callback(tasks.close)
        tasks.start(
            keep_house(
                meetings_sql,
                recordings_sql,
                room_files,
                files,
                audit_sql,
                settings.trash_days,
                settings.recording_days,
                settings.room_file_days,
                settings.audit_days,
            ),
            "housekeeping",
        )
        tasks.start(restreams.run(), "restreams")
        tasks.start(streams_elsewhere.run(), "livestreams of other nodes")
        if settings.srt_ports:
            tasks.start(srt.run(), "SRT")
        app[LINKS] = await first_links(accounts, meetings_sql)
        app[MEDIA_PORTS] = media.ports
        app[MEDIA] = media
        app[TCP_PLAN] = tcp
        app[DATABASE] = database
        app[QUIET] = quiet
        app[ENDPOINTS] = endpoints
        app[ROOMS] = rooms
        app[RECORDER] = recorder
        app[LIVESTREAMS] = livestreams
        app[BROADCASTS] = broadcasts
        app[DESK] = desk
        app[HEALTH] = health
        log.info("built", node=node, media_ports=list(media.ports), advertised=list(advertised))
        yield app
