"""As what a member may enter a session of assistance (meetings.doorkeeper.AssistDoor)."""

from __future__ import annotations

from collab.accounts.models import Member
from collab.meetings.models import Meeting
from rooms.core.assist_model import AssistRole

from .parties import reach_of, session_role
from .session_repository import SessionRepository


class SqlAssistDoor:
    def __init__(self, sessions: SessionRepository) -> None:
        self._sessions = sessions

    async def role_of(self, member: Member, meeting: Meeting) -> AssistRole | None:
        """None: no part in it."""
        session = await self._sessions.of_meeting(meeting.id)
        return session_role(reach_of(member), session) if session else None
