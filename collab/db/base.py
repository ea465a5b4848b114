"""What all tables share: names of constraints that migrations can refer to, and the types of columns that recur.

Times are milliseconds since the epoch in BIGINT columns; ids are the 26 characters of `clock.new_id`.
"""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import BigInteger, MetaData, String
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[str, mapped_column(String(26), primary_key=True)]
AtMs = Annotated[int, mapped_column(BigInteger)]
Name64 = Annotated[str, mapped_column(String(64))]
Hash64 = Annotated[str, mapped_column(String(64))]  # SHA-256 in hex


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
