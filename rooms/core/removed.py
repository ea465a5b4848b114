"""Who was removed and cannot come back, and from where removed guests came.

A guest who was removed can invent another identity by opening the link again.  The address cannot tell people of one
company apart, so a newcomer from the same network is not turned away but asked into the lobby, even when that is off,
with a note for the moderators.
"""

from __future__ import annotations

from .model import REMOVED_MAX, Grant, Role
from .network import network_of
from .state import RoomState

SAME_NETWORK = "same_network_as_removed"


def remember(state: RoomState, grant: Grant) -> None:
    _add(state.removed_identities, grant.identity, state.now_ms)
    network = network_of(grant.address)
    if grant.role is Role.GUEST and network:
        _add(state.removed_networks, network, state.now_ms)


def is_removed(state: RoomState, identity: str) -> bool:
    return identity in state.removed_identities


def is_suspect(state: RoomState, grant: Grant) -> bool:
    """A guest from the network of a removed guest."""
    return grant.role is Role.GUEST and network_of(grant.address) in state.removed_networks


def _add(remembered: dict[str, int], key: str, now_ms: int) -> None:
    remembered.pop(key, None)
    remembered[key] = now_ms
    while len(remembered) > REMOVED_MAX:
        del remembered[next(iter(remembered))]
