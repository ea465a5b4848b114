"""Who of an OpenID provider has which account, and what may go wrong on the way in."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base

ISSUER_MAX_CHARS: Final = 255
SUBJECT_MAX_CHARS: Final = 255  # OpenID Connect Core 2


class OidcFault(StrEnum):
    """Why somebody comes back from the provider without being signed in: the page has cause and cure for each."""

    EXPIRED = "expired"  # no such flow: too old, used, or begun in another browser
    DECLINED = "declined"  # by the person, or by the provider's rules
    PROVIDER_AWAY = "provider_away"
    PROVIDER_REFUSED = "provider_refused"  # it did not take the code, or what it said cannot be believed
    MAIL_UNVERIFIED = "mail_unverified"
    NO_ACCOUNT = "no_account"  # and none is made for such people, or it is shut
    ACCOUNT_EXISTS = "account_exists"  # with this address, and it is not linked
    LINKED_ELSEWHERE = "linked_elsewhere"  # the identity to another account, or the account to another identity
    BUSY = "busy"  # too many tries, or the server has lost its Redis


class OidcIdentityRow(Base):
    """A subject is an issuer's own name for a person, for ever; an address of mail may be given to the next one."""

    __tablename__ = "oidc_identities"

    issuer: Mapped[str] = mapped_column(String(ISSUER_MAX_CHARS), primary_key=True)
    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX_CHARS), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    linked_at_ms: Mapped[AtMs]
    used_at_ms: Mapped[AtMs]

    # One identity of an account: else an address that the provider gives to somebody new would bring the old account.
    __table_args__ = (UniqueConstraint("account_id", "issuer"),)


class Identity(Struct, frozen=True):
    """A person, as the provider vouches for them."""

    issuer: str
    subject: str
    email: str = ""  # lower case; "": none, or not of the form of an address
    email_verified: bool = False
    name: str = ""
    locale: str = ""
