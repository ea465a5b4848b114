"""What those who are kept out hear, by the relation in which they stand."""

from __future__ import annotations

from tests.support.access import MANAGERS, MEMBERS, ON_SITE, SELF, Who

# What those who are kept out hear; who has no account is always told to sign in first.
REFUSALS = {
    ("POST", "/api/setup"): "wrong_state",
    ("POST", "/api/sign-in"): "unauthenticated",
    ("POST", "/api/oidc/begin"): "wrong_state",  # there is no provider
    ("GET", "/api/invitations"): "not_found",
    ("POST", "/api/invitations/accept"): "not_found",
    ("POST", "/api/password-reset"): "not_found",
    ("GET", "/api/assist/links"): "not_found",
    ("POST", "/api/assist/links/open"): "not_found",
    ("POST", "/api/doctor/calls"): "media_rejected",
    ("GET", "/api/shared-recording"): "link_expired",
    ("PUT", "/api/room-files"): "link_expired",
    ("GET", "/api/room-files"): "link_expired",
    ("GET", "/api/room-files/small"): "link_expired",
    ("GET", "/api/shared-recording/film"): "link_expired",
    ("POST", "/api/livestreams/{id}/stage-ticket"): "unauthenticated",
    ("POST", "/api/livestreams/{id}/registrations"): "wrong_state",  # it takes none
    ("POST", "/api/livestreams/{id}/registrations/cancel"): "not_found",
    ("GET", "/api/livestreams/{id}/film"): "unauthenticated",  # no viewer's token
    ("GET", "/api/livestreams/{id}/captions"): "unauthenticated",
    ("GET", "/api/schedule/replies"): "not_found",
    ("POST", "/api/schedule/replies"): "not_found",
    ("GET", "/api/feeds/{key}.ics"): "not_found",
}

# What those who see a request are told about what is not theirs to do; to the others it does not exist.
OF_REQUESTS = {
    ("PATCH", "/api/requests/{id}", Who.HOST): "wrong_state",  # it is no draft any more
    ("DELETE", "/api/requests/{id}", Who.HOST): "wrong_state",
    ("POST", "/api/requests/{id}/moves", Who.HOST): "wrong_state",
    ("POST", "/api/requests/{id}/moves", Who.BOSS): "wrong_state",
    ("POST", "/api/requests/{id}/moves", Who.PARK): "wrong_state",
    ("PUT", "/api/requests/{id}/files/{key}", Who.BOSS): "conflict",
    ("PUT", "/api/requests/{id}/files/{key}", Who.PARK): "conflict",
    ("PUT", "/api/requests/{id}/comments/{key}", Who.BOSS): "conflict",
    ("PUT", "/api/requests/{id}/comments/{key}", Who.PARK): "conflict",
    ("DELETE", "/api/requests/{id}/files/{key}", Who.HOST): "wrong_state",  # it is on record
    ("PUT", "/api/requests/{id}/checks", Who.PARK): "invalid",  # it has no checklist
}

OF_CALLS = {
    ("POST", "/api/calls", Who.BOSS): "invalid",  # nobody calls themselves
    ("POST", "/api/calls", Who.PARK): "conflict",
    ("POST", "/api/calls/{id}/answer", Who.HOST): "forbidden",  # the caller
    ("POST", "/api/calls/{id}/answer", Who.BOSS): "wrong_state",  # it is over
    ("POST", "/api/calls/{id}/cancel", Who.HOST): "wrong_state",
    ("PUT", "/api/calls/{id}/note", Who.HOST): "wrong_state",  # nobody talked
    ("PUT", "/api/calls/{id}/note", Who.BOSS): "wrong_state",
    ("POST", "/api/calls/{id}/cancel", Who.BOSS): "forbidden",
}

OF_OFFICERS = {
    ("POST", "/api/officers/companies/{id}/moves", Who.PARK): "wrong_state",  # nobody offers it
    ("POST", "/api/officers/covers", Who.PARK): "invalid",  # nobody stands in for themselves
    ("DELETE", "/api/officers/covers/{id}", Who.PARK): "not_found",
    ("PUT", "/api/officers/jobs/{id}/milestones", Who.HOST): "wrong_state",  # the job was called off
    ("PUT", "/api/officers/jobs/{id}/milestones", Who.BOSS): "wrong_state",
    ("PUT", "/api/officers/jobs/{id}/milestones", Who.PARK): "wrong_state",
    ("POST", "/api/patrols/jobs/{id}/checks", Who.HOST): "forbidden",
    ("POST", "/api/patrols/jobs/{id}/checks", Who.BOSS): "forbidden",
    ("POST", "/api/patrols/jobs/{id}/checks", Who.PARK): "wrong_state",
}

OF_DIRECTORY = {
    ("PUT", "/api/directory/organizations/{id}", Who.PARK): "conflict",
    ("PUT", "/api/directory/organizations/{id}", Who.HOST): "forbidden",
    ("PATCH", "/api/directory/needs/{id}", Who.BOSS): "conflict",
    ("PATCH", "/api/directory/needs/{id}", Who.PARK): "conflict",
    ("POST", "/api/directory/needs/{id}/invitations", Who.HOST): "invalid",  # no crew that fits
    ("POST", "/api/directory/needs/{id}/invitations", Who.BOSS): "invalid",
    ("POST", "/api/directory/needs/{id}/invitations", Who.PARK): "invalid",
    ("POST", "/api/directory/needs/{id}/moves", Who.HOST): "wrong_state",
    ("POST", "/api/directory/needs/{id}/moves", Who.BOSS): "wrong_state",
    ("POST", "/api/directory/needs/{id}/moves", Who.PARK): "wrong_state",
}

# It is out: no draft any more, and reminded of tomorrow at the earliest.
OF_ANNOUNCEMENTS = {
    ("POST", "/api/announcements/{id}/reminders", Who.BOSS): "rate_limited",
}

# It is not live.
OF_SYMPOSIUMS = {
    ("PUT", "/api/symposiums/{id}/current", Who.PARK): "wrong_state",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/decision", Who.PARK): "wrong_state",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/vote", Who.MEMBER): "not_found",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/vote", Who.RIVAL): "not_found",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/withdrawn", Who.MEMBER): "not_found",
    ("PUT", "/api/symposiums/{id}/issues/{issue_id}/withdrawn", Who.RIVAL): "not_found",
}

# Those who may manage it are told that there is no such link, the others that they may not.
KNOWN_TO_MANAGERS = {
    ("GET", "/api/recordings/{id}/sound"): "wrong_state",  # it was not taken out
    ("GET", "/api/recordings/{id}/tracks/{track_id}"): "not_found",
    ("PATCH", "/api/assist/sessions/{id}"): "conflict",  # it is about a machine already
    ("DELETE", "/api/assist/sessions/{id}/links/{link_id}"): "not_found",
    ("POST", "/api/assist/sessions/{id}/links/{link_id}/restore"): "not_found",
    ("POST", "/api/assist/sessions/{id}/links/{link_id}/reissue"): "not_found",
    ("POST", "/api/assist/templates/{id}/versions"): "conflict",
    ("POST", "/api/assist/jobs/{id}/steps"): "wrong_state",  # the first has cancelled it
    ("PATCH", "/api/schedule/events/{id}"): "conflict",
    ("POST", "/api/schedule/events/{id}/cancel"): "wrong_state",
    ("PATCH", "/api/livestreams/{id}"): "conflict",
    ("DELETE", "/api/livestreams/{id}"): "not_found",
    ("POST", "/api/livestreams/{id}/acts"): "wrong_state",
    ("POST", "/api/livestreams/{id}/registrations/{registration_id}"): "not_found",
    ("DELETE", "/api/livestreams/{id}/captions"): "not_found",
    ("PATCH", "/api/livestreams/{id}/restreams/{target_id}"): "not_found",
    ("DELETE", "/api/livestreams/{id}/restreams/{target_id}"): "not_found",
    ("POST", "/api/livestreams/{id}/stream-keys/{key_id}/renew"): "not_found",
    ("DELETE", "/api/livestreams/{id}/stream-keys/{key_id}"): "not_found",
    ("GET", "/api/assist/sessions/{id}/reports/{report_id}/pdf"): "not_found",
    ("GET", "/api/assist/sessions/{id}/reports/{report_id}/html"): "not_found",
}

# What does not exist for those whom it does not concern.
ATTENDANCE = "/api/organizations/{id}/attendance"
HIDDEN = ("/api/recordings/", "/api/schedule/events/", "/api/schedule/free-busy", "/api/schedule/suggestions")


def refusal(who: Who, method: str, path: str) -> str:
    if (method, path) in REFUSALS:
        return REFUSALS[method, path]
    if (method, path) == ("GET", "/api/requests/batches/{key}") and who in MEMBERS:
        return "not_found"  # one sees one's own
    if path.startswith("/api/webhooks/{id}") and who in MEMBERS:
        return "not_found"
    if path == "/api/oidc/identity" and who in MEMBERS:
        return "not_found"  # nobody came by a provider
    if path.startswith("/api/people") and who in MEMBERS:
        # Their own of what is there, with the password that is theirs; others do not know that there is anything.
        return "invalid" if who in SELF and method == "POST" else "not_found"
    if path.startswith("/api/tokens") and who in MEMBERS:
        return "not_found"  # one has none
    if path.startswith("/api/requests/{id}") and who in MEMBERS:
        return OF_REQUESTS.get((method, path, who), "forbidden" if who in MANAGERS else "not_found")
    if path.startswith("/api/announcements") and who in MEMBERS:
        if "{id}" in path and who not in ON_SITE:
            return "not_found"
        known = "wrong_state" if who is Who.BOSS else "forbidden"
        return OF_ANNOUNCEMENTS.get((method, path, who), known)
    if path.startswith("/api/symposiums") and who in MEMBERS:
        return OF_SYMPOSIUMS.get((method, path, who), "forbidden")
    if path.startswith("/api/calls") and who in MEMBERS:
        return OF_CALLS.get((method, path, who), "not_found")
    if path.startswith(("/api/officers", "/api/patrols")) and who in MEMBERS:
        hidden = "/jobs/" in path or "/checks/" in path
        return OF_OFFICERS.get((method, path, who), "not_found" if hidden else "forbidden")
    if path.startswith("/api/directory") and who in MEMBERS:
        mine = path.startswith("/api/directory/organizations/{id}") and "/c" not in path.partition("{id}")[2]
        return OF_DIRECTORY.get((method, path, who), "forbidden" if mine or path.endswith("/plan") else "not_found")
    if path.startswith("/api/livestreams/{id}") and who in MEMBERS - MANAGERS:
        return "not_found"
    if path.endswith("/nameplate") and who in ON_SITE:
        return "unavailable"  # text recognition is not installed
    if (method, path) in KNOWN_TO_MANAGERS and who in MANAGERS:
        return KNOWN_TO_MANAGERS[method, path]
    if (path.startswith(HIDDEN) and "/records/" in path) or path.startswith(("/api/schedule/items", ATTENDANCE)):
        if who in MEMBERS:  # an occurrence and an item that there are not
            return "forbidden" if path.startswith(ATTENDANCE) and who in MANAGERS else "not_found"
    elif path.startswith(HIDDEN) and who in MEMBERS:
        return (
            "wrong_state"
            if who is Who.HOST
            else "forbidden"
            if path.endswith("/answer") and who is Who.PARK
            else "not_found"
        )
    return "unauthenticated" if who is Who.STRANGER else "forbidden"
