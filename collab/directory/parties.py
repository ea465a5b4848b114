"""Who sees and does what in the directory, decided by what an account belongs to.  Pure.

A page of an organization has a part that every member of the installation sees, and one for its own people and the
park's staff.  It is edited by the organization's administrators and the park's staff.  A need is its company's and the
park's staff's, and that of installers who were asked about it, once it is published.
"""

from __future__ import annotations

from msgspec import Struct

from collab.accounts.models import Member


class Reach(Struct, frozen=True):
    """How far a member's eyes and hands go."""

    account_id: str
    organization_ids: tuple[str, ...]
    administered_ids: tuple[str, ...]
    staff: bool  # of the park

    def within(self, organization_id: str) -> bool:
        """Sees all of its page, and acts for it."""
        return self.staff or organization_id in self.organization_ids

    def edits(self, organization_id: str) -> bool:
        return self.staff or organization_id in self.administered_ids


def reach_of(member: Member) -> Reach:
    return Reach(
        account_id=member.account.id,
        organization_ids=member.organization_ids,
        administered_ids=member.administered_ids,
        staff=member.in_park,
    )
