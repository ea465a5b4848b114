"""Argon2id off the event loop, at most one computation per core, with a bounded line of those who wait.

Parameters: 46 MiB, one pass, one lane: the first of OWASP's equivalent settings, some 40 ms of one core.  Verifying for
an unknown account runs against a hash of chance, so that its time tells nothing.  That hash is made of random bytes
and not computed: to verify against it costs the same, and the start of a server need not wait for it.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import DEFAULT_HASH_LENGTH, DEFAULT_RANDOM_SALT_LENGTH, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code

MEMORY_KIB = 47_104
PASSES = 1
LANES = 1
PASSWORD_MAX_CHARS = 256
WAITING_MAX = 64  # beyond it: unavailable, with a retry hint
RETRY_AFTER_MS = 2_000
DISTINCT_CHARS_MIN = 5

T = TypeVar("T")


class Passwords:
    def __init__(self, min_chars: int, workers: int = 0) -> None:
        self.min_chars = min_chars
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._threads = ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = _hash_of_nothing()

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, password)

    async def new_hash(self, password: str, *known: str, field: str = "password") -> str:
        """Of a password that somebody chooses; raises INVALID with `field` when it is weak."""
        fault = weakness(password, self.min_chars, *known)
        if fault is not None:
            raise invalid(**{field: fault})
        return await self.hash(password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Takes the same time with no hash at all."""
        matches = await self._run(self._verify, password_hash or self._nobody, password)
        return matches and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    async def close(self) -> None:
        """Computations that run are waited for, the others are given up."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., T], *arguments: str) -> T:
        if self._waiting >= WAITING_MAX:
            raise Refusal(Code.UNAVAILABLE, "too many passwords at once", retry_after_ms=RETRY_AFTER_MS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


def _hash_of_nothing() -> str:
    """In the form of the Argon2 reference's encoding (base64 without padding), of no password that anybody knows."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (DEFAULT_RANDOM_SALT_LENGTH, DEFAULT_HASH_LENGTH)
    )
    return f"$argon2id$v={ARGON2_VERSION}$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${digest}"


def weakness(password: str, min_chars: int, *known: str) -> FieldFault | None:
    """Why a new password is refused.  `known` are words that an attacker tries first: name, mail address."""
    if len(password) < min_chars:
        return FieldFault.TOO_SHORT
    if len(password) > PASSWORD_MAX_CHARS:
        return FieldFault.TOO_LONG
    lowered = password.casefold()
    if len(set(lowered)) < DISTINCT_CHARS_MIN or lowered in (
        "1234567890",
        "password123",
        "qwertyuiop",
        "passwordpassword",
    ):
        return FieldFault.TOO_WEAK
    if any(len(word) >= 3 and lowered.replace(word.casefold(), "").strip("0123456789!.-_ ") == "" for word in known):
        return FieldFault.TOO_WEAK
    return None
