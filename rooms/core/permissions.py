"""What each role may do in a room.  The session's dispatch table and the room itself both ask here.

A role comes from identity and grant; the grant can only narrow it.  Whose request may touch whom (a co-host and a host,
the last host) is not a permission but a rule of the command, in moderation.py.
"""

from __future__ import annotations

from enum import StrEnum

from .assist_model import AssistRole
from .model import Grant, Role


class Permission(StrEnum):
    PUBLISH = "publish"  # send media, mute and unmute one's own tracks
    SUBSCRIBE = "subscribe"
    READ_CHAT = "read_chat"
    SEND_CHAT = "send_chat"  # and delete one's own message
    DELETE_ANY_CHAT = "delete_any_chat"
    SHARE_FILES = "share_files"  # as far as the room's FileSharing goes
    MANAGE_FILES = "manage_files"  # say who may
    RAISE_HAND = "raise_hand"
    REACT = "react"
    RENAME_SELF = "rename_self"
    REPORT_QUALITY = "report_quality"
    MUTE_OTHERS = "mute_others"  # microphone, camera or share of one person, microphones of all
    LOWER_HANDS = "lower_hands"
    REMOVE = "remove"
    CHANGE_ROLES = "change_roles"
    LOCK = "lock"
    MANAGE_LOBBY = "manage_lobby"  # switch it, admit, deny
    END = "end"
    RECORD = "record"
    DIRECT_STAGE = "direct_stage"  # of a livestream: go live, who is on it, how it looks
    PRESENT = "present"  # on it: show slides
    EXCHANGE_KEYS = "exchange_keys"  # in an encrypted room
    # in a room of assistance
    ANNOTATE = "annotate"  # place marks, change them, remove one's own
    REMOVE_ANY_MARK = "remove_any_mark"
    TRACK_MARKS = "track_marks"  # say where they are, confirm them, attach their stills
    HOLD_DEVICE = "hold_device"  # tell what the phone does, answer what is asked of it
    ASK_DEVICE = "ask_device"
    LEAD_CAMERA = "lead_camera"  # choose whose phone marks are drawn on
    SHOW_DOCUMENT = "show_document"


EVERYBODY = frozenset(
    {
        Permission.PUBLISH,
        Permission.SUBSCRIBE,
        Permission.READ_CHAT,
        Permission.SEND_CHAT,
        Permission.SHARE_FILES,
        Permission.RAISE_HAND,
        Permission.REACT,
        Permission.RENAME_SELF,
        Permission.REPORT_QUALITY,
        Permission.EXCHANGE_KEYS,
        Permission.PRESENT,
    }
)
CO_HOSTS = EVERYBODY | {
    Permission.DELETE_ANY_CHAT,
    Permission.MANAGE_FILES,
    Permission.MUTE_OTHERS,
    Permission.LOWER_HANDS,
    Permission.REMOVE,
    Permission.CHANGE_ROLES,
    Permission.LOCK,
    Permission.MANAGE_LOBBY,
    Permission.RECORD,
    Permission.DIRECT_STAGE,
}
HOSTS = CO_HOSTS | {Permission.END}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.HOST: HOSTS,
    Role.CO_HOST: CO_HOSTS,
    Role.PARTICIPANT: EVERYBODY,
    Role.GUEST: EVERYBODY,
}

# What the part in assistance adds.  Its moderators draw and clear, whatever their part.
ASSIST_PERMISSIONS: dict[AssistRole, frozenset[Permission]] = {
    AssistRole.ON_SITE: frozenset(
        {
            Permission.ANNOTATE,
            Permission.REMOVE_ANY_MARK,
            Permission.TRACK_MARKS,
            Permission.HOLD_DEVICE,
            Permission.LEAD_CAMERA,
        }
    ),
    AssistRole.EXPERT: frozenset(
        {Permission.ANNOTATE, Permission.ASK_DEVICE, Permission.LEAD_CAMERA, Permission.SHOW_DOCUMENT}
    ),
    AssistRole.OBSERVER: frozenset(),
}
ASSIST_MODERATORS = frozenset({Permission.ANNOTATE, Permission.REMOVE_ANY_MARK, Permission.LEAD_CAMERA})

# A hidden seat (a recorder, a WHEP viewer) is seen by nobody, so it may do nothing that others would see.
HIDDEN = frozenset({Permission.SUBSCRIBE, Permission.READ_CHAT})


def permissions_of(role: Role, grant: Grant) -> frozenset[Permission]:
    """All that a seat with this role and grant may do now."""
    allowed = PERMISSIONS[role]
    if grant.assist is not None:
        allowed |= ASSIST_PERMISSIONS[grant.assist]
        if role.moderates:
            allowed |= ASSIST_MODERATORS
    if grant.hidden:
        allowed &= HIDDEN
    if not grant.publish:
        allowed -= {Permission.PUBLISH}
    if not grant.subscribe:
        allowed -= {Permission.SUBSCRIBE}
    if not grant.chat:
        allowed -= {Permission.SEND_CHAT, Permission.SHARE_FILES}
    return allowed


def allowed(role: Role, grant: Grant, permission: Permission) -> bool:
    return permission in permissions_of(role, grant)
