"""Organizations of the park: the park itself, its enterprises and institutions, and the installers of machines."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id

ORGANIZATION_NAME_MAX_CHARS = 120


class OrganizationKind(StrEnum):
    PARK = "park"
    ENTERPRISE = "enterprise"
    INSTITUTION = "institution"
    INSTALLER = "installer"


class OrganizationRow(Base):
    __tablename__ = "organizations"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(ORGANIZATION_NAME_MAX_CHARS), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    created_at_ms: Mapped[AtMs]

    def value(self) -> Organization:
        return Organization(id=self.id, name=self.name, kind=OrganizationKind(self.kind))


class Organization(Struct, frozen=True):
    id: str
    name: str
    kind: OrganizationKind
