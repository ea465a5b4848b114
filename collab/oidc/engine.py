"""Signing in by an OpenID provider, put together from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from collab.accounts.service import AccountService
from collab.audit.repository import AuditRepository
from collab.clock import now_ms
from collab.config import Settings
from collab.db.engine import Database
from collab.edge.outward import public_or_within
from collab.limits import Limits
from rooms.store.once import OnceStore

from .http import CALLBACK
from .provider import Client, Provider
from .provider_http import ProviderWay
from .repository import OidcRepository
from .service import OidcService


@asynccontextmanager
async def open_oidc(
    settings: Settings,
    database: Database,
    accounts: AccountService,
    flows: OnceStore,
    limits: Limits,
    audit: AuditRepository,
    nudge: Callable[[], None],
) -> AsyncIterator[OidcService]:
    way = ProviderWay(public_or_within(settings.oidc_networks))
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.public_url + CALLBACK,
        f"{settings.public_url}/sign-in",
        plain=bool(settings.oidc_networks),
    )
    try:
        yield OidcService(
            Provider(client, way, now_ms) if settings.oidc_issuer else None,
            OidcRepository(database),
            accounts,
            flows,
            limits,
            audit,
            now_ms,
            name=settings.oidc_name,
            rules=settings.oidc_people,
            links_by_mail=settings.oidc_link_by_mail == "verified",
            nudge=nudge,
        )
    finally:
        await way.close()
