"""What one may call about.  Each feature says for its own things who sees them and who can be called about them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from collab.accounts.models import Member
from collab.notices.models import Subject
from collab.problems import Refusal
from rooms.core.codes import Code


class CallSubject(Struct, frozen=True):
    """Whoever sees it may call about it these people, members of these organizations, and who is in reach anyway."""

    title: str
    path: str
    people: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()
    private: bool = False  # of its calls everybody sees only their own


Resolve = Callable[[Member, str], Awaitable[CallSubject]]  # raises Refusal for what the member does not see


class CallSubjects:
    def __init__(self) -> None:
        self._resolvers: dict[str, Resolve] = {}

    def register(self, kind: str, resolve: Resolve) -> None:
        if kind in self._resolvers:
            raise ValueError(f"two resolvers for {kind}")
        self._resolvers[kind] = resolve

    async def seen(self, by: Member, subject: Subject) -> CallSubject:
        """Raises NOT_FOUND, also for what exists and is not theirs to see."""
        resolve = self._resolvers.get(subject.kind)
        if resolve is None:
            raise Refusal(Code.NOT_FOUND, "nothing that one calls about")
        try:
            return await resolve(by, subject.id)
        except Refusal as refusal:
            if refusal.code is Code.FORBIDDEN:
                raise Refusal(Code.NOT_FOUND, str(refusal)) from refusal
            raise


def in_reach(by: Member, other: Member) -> bool:
    """Colleagues; the park's staff and everybody."""
    if any(other.belongs_to(one) for one in by.organization_ids):
        return True
    return by.in_park or other.in_park
