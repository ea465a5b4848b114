"""The audit log: who saw or changed what, when, from where.  Rows are added and, when old, deleted; never changed.

The database itself refuses to change a row, and to delete one that is younger than YOUNGEST_DELETED_DAYS (triggers of
the migration): neither a fault of ours nor somebody with an administrator's rights in the pages can take back a line.
There are no foreign keys: a line stays when the account or the thing that it names is gone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

from .actor import ActorWay

YOUNGEST_DELETED_DAYS: Final = 30  # the migration's triggers say the same
SUBJECT_NAME_MAX_CHARS: Final = 120
ADDRESS_MAX_CHARS: Final = 45  # of IPv6 with an IPv4 tail
DETAILS_MAX: Final = 12
DETAIL_MAX_CHARS: Final = 200


class AuditAction(StrEnum):
    """What is kept.  Each feature adds its own."""

    SET_UP = "set_up"  # the first administrator of the park
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"  # without what was typed as the address
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a name
    PASSWORD_RESET = "password_reset"  # noqa: S105
    MEMBER_INVITED = "member_invited"
    INVITATION_ACCEPTED = "invitation_accepted"
    IDENTITY_LINKED = "identity_linked"  # of another provider's (OIDC), to an account
    IDENTITY_UNLINKED = "identity_unlinked"
    ACCOUNT_PROVISIONED = "account_provisioned"  # made when somebody first came from the provider
    ROLES_CHANGED = "roles_changed"
    ORGANIZATION_ADDED = "organization_added"
    ORGANIZATION_CHANGED = "organization_changed"
    IMPORT_APPLIED = "import_applied"
    TOKEN_MADE = "token_made"  # noqa: S105 -- a name
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    WEBHOOK_MADE = "webhook_made"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_ROTATED = "webhook_rotated"
    WEBHOOK_DELETED = "webhook_deleted"
    WEBHOOK_GIVEN_UP = "webhook_given_up"  # by the server, after days without a success
    REQUEST_READ = "request_read"  # a confidential one, by anybody but its requester
    REQUEST_DECIDED = "request_decided"
    REQUESTS_EXPORTED = "requests_exported"
    RECORDING_WATCHED = "recording_watched"  # told once an hour for each person and film
    RECORDING_SAVED = "recording_saved"
    RECORDING_SHARED = "recording_shared"
    RECORDING_UNSHARED = "recording_unshared"
    RECORDING_TRASHED = "recording_trashed"
    LIVESTREAM_EXPORTED = "livestream_exported"
    STREAM_KEY_MADE = "stream_key_made"
    STREAM_KEY_RENEWED = "stream_key_renewed"
    STREAM_KEY_REVOKED = "stream_key_revoked"
    RESTREAM_ADDED = "restream_added"
    RESTREAM_ENABLED = "restream_enabled"
    RESTREAM_DISABLED = "restream_disabled"
    RESTREAM_REMOVED = "restream_removed"
    EXPORT_ASKED = "export_asked"  # of all about a person
    EXPORT_FETCHED = "export_fetched"
    ERASURE_PLANNED = "erasure_planned"
    ERASURE_UNDONE = "erasure_undone"
    ERASURE_REFUSED = "erasure_refused"  # nobody else administers the park
    ERASURE_BEGUN = "erasure_begun"
    ERASURE_DONE = "erasure_done"
    AUDIT_READ = "audit_read"  # the first page of each search


class SubjectKind(StrEnum):
    ACCOUNT = "account"
    ORGANIZATION = "organization"
    REQUEST = "request"
    RECORDING = "recording"
    LIVESTREAM = "livestream"
    IMPORT = "import"
    API_TOKEN = "api_token"  # noqa: S105
    WEBHOOK = "webhook"
    NOTHING = ""


class AuditRow(Base):
    __tablename__ = "audit_events"

    id: Mapped[Id]
    at_ms: Mapped[AtMs]
    action: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[str] = mapped_column(String(26))  # "" = nobody with an account
    actor_name: Mapped[Name64]
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX_CHARS))
    way: Mapped[str] = mapped_column(String(8))
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(26))
    subject_name: Mapped[str] = mapped_column(String(SUBJECT_NAME_MAX_CHARS))
    organization_id: Mapped[str] = mapped_column(String(26))  # whose administrators see it too; "" = the park's only
    details: Mapped[dict[str, str]] = mapped_column(JSON)

    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "subject_id", "id"),
        Index(None, "action", "id"),
        Index(None, "at_ms"),
        Index(None, "address", "id"),
        Index(None, "id", "actor_name", "subject_name"),  # a part of a name is looked for in all of it
    )


class Subject(Struct, frozen=True):
    """What it happened to."""

    kind: SubjectKind = SubjectKind.NOTHING
    id: str = ""
    name: str = ""


class AuditEvent(Struct, frozen=True):
    id: str
    at_ms: int
    action: AuditAction | str  # a word of a later release stays readable
    actor_id: str
    actor_name: str
    address: str
    way: ActorWay
    subject: Subject
    organization_id: str
    details: dict[str, str]
