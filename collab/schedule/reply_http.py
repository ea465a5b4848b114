"""The endpoints behind the links of mails: answers without an account, and feeds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply, Streamed
from collab.limits import rate
from rooms.core.codes import Code

from . import schemas
from .availability import AvailabilityService
from .expand import LOCAL, local_at
from .feeds import FeedService
from .mailer import shown_of
from .models import InvitationAnswer
from .replies import ReplyService
from .values import Event, Invitee

GUESSES = rate("reply_guesses", burst=60, per_minute=30)
FEED_VISITS = rate("feed_visits", burst=120, per_minute=60)


class ReplyEndpoints:
    def __init__(
        self,
        replies: ReplyService,
        feeds: FeedService,
        availability: AvailabilityService,
        clock_ms: Callable[[], int],
    ) -> None:
        self._replies = replies
        self._feeds = feeds
        self._availability = availability
        self._clock_ms = clock_ms

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/schedule/replies",
                access=Access.ANYONE,
                handler=self.get_invitation_card,
                input=schemas.AnswerQuery,
                output=schemas.InvitationCard,
                refusals=(Code.NOT_FOUND, Code.RATE_LIMITED),
                rate=GUESSES,
                about="What the link of an invitation mail shows. Looking answers nothing.",
            ),
            Endpoint(
                method="POST",
                path="/api/schedule/replies",
                access=Access.ANYONE,
                handler=self.answer_by_link,
                input=schemas.AnswerByLink,
                output=schemas.InvitationCard,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.RATE_LIMITED),
                rate=GUESSES,
                about="Accept or decline by the link of a mail, without an account.",
            ),
            Endpoint(
                method="POST",
                path="/api/schedule/feed",
                access=Access.MEMBER,
                handler=self.renew_feed,
                output=schemas.FeedView,
                status=201,
                refusals=(Code.RATE_LIMITED,),
                about="A new secret address of one's calendar; the old one opens nothing any more.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/schedule/feed",
                access=Access.MEMBER,
                handler=self.drop_feed,
                about="Take the address away.",
            ),
            Endpoint(
                method="GET",
                path="/api/feeds/{key}.ics",
                access=Access.ANYONE,
                handler=self.get_feed,
                media_type="text/calendar",
                refusals=(Code.NOT_FOUND, Code.RATE_LIMITED),
                rate=FEED_VISITS,
                about="One's calendar for programs, with an ETag.",
            ),
        )

    async def get_invitation_card(self, call: Call[schemas.AnswerQuery]) -> Reply:
        event, invitee = await self._replies.invitation(call.input.token, call.caller.address)
        return Reply(self._card(event, invitee, call.caller.base_url))

    async def answer_by_link(self, call: Call[schemas.AnswerByLink]) -> Reply:
        body = call.input
        event, invitee = await self._replies.answer(
            body.token, call.caller.address, InvitationAnswer(body.answer.value), body.note
        )
        return Reply(self._card(event, invitee, call.caller.base_url))

    async def renew_feed(self, call: Call[Nothing]) -> Reply:
        token, made_at_ms = await self._availability.renew_feed(call.caller.signed_in)
        return Reply(schemas.FeedView(f"{call.caller.base_url}/api/feeds/{token}.ics", made_at_ms))

    async def drop_feed(self, call: Call[Nothing]) -> Reply:
        await self._availability.drop_feed(call.caller.signed_in)
        return NO_CONTENT

    async def get_feed(self, call: Call[Nothing]) -> Reply:
        content, tag = await self._feeds.calendar(call.path["key"], call.caller.address, call.caller.base_url)

        async def chunks(first: int, after: int) -> AsyncIterator[bytes]:
            yield content[first:after]

        return Reply(Streamed(chunks, "text/calendar; charset=utf-8", len(content), tag))

    def _card(self, event: Event, invitee: Invitee, base_url: str) -> schemas.InvitationCard:
        shown = shown_of(event, "", self._clock_ms())
        return schemas.InvitationCard(
            title=event.title,
            description=event.description,
            organizer=event.organizer.name if event.organizer else "",
            name=invitee.name,
            starts_at_ms=shown.starts_at_ms,
            ends_at_ms=shown.ends_at_ms,
            zone=event.series.zone,
            rrule=event.rule_text,
            starts=local_at(shown.starts_at_ms, event.series.zone).strftime(LOCAL),
            minutes=event.series.minutes,
            answer=invitee.answer_for(""),
            state=event.state,
            code=event.code,
            link=f"{base_url}/m/{event.code}",
        )
