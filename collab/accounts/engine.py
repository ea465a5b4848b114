"""What people do with accounts, put together."""

from __future__ import annotations

from collections.abc import Callable

from collab.audit.repository import AuditRepository
from collab.limits import Limits
from collab.organizations.repository import OrganizationRepository
from collab.ports import Connections, Sessions

from .passwords import Passwords
from .recovery import PasswordRecovery
from .repository import AccountRepository
from .service import AccountService


def accounts_of(
    accounts: AccountRepository,
    organizations: OrganizationRepository,
    audit: AuditRepository,
    passwords: Passwords,
    sessions: Sessions,
    connections: Connections,
    limits: Limits,
    links_url: str,
    nudge: Callable[[], None],
) -> tuple[AccountService, PasswordRecovery]:
    """`links_url`: before the paths in mails; `nudge` after a commit that put one."""
    service = AccountService(accounts, organizations, passwords, sessions, connections, limits, audit, links_url, nudge)
    return service, PasswordRecovery(accounts, passwords, sessions, connections, limits, links_url, nudge)
