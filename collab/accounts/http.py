"""The account endpoints: decoded bodies in, views out."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from collab.clock import new_secret, now_ms
from collab.edge.csrf import csrf_token
from collab.edge.endpoint import NO_CONTENT, Access, Call, Caller, Cookie, CookieName, Endpoint, Nothing, Reply
from collab.organizations.models import Organization
from rooms.core.codes import Code
from rooms.store.sessions import SESSION_LONGEST_MS

from . import schemas
from .models import Member
from .recovery import PasswordRecovery
from .service import DEFAULT_LOCALE, AccountService, SignedIn

_SIGN_IN_CODES = (Code.RATE_LIMITED, Code.UNAVAILABLE)


class AccountEndpoints:
    def __init__(self, accounts: AccountService, recovery: PasswordRecovery) -> None:
        self._accounts = accounts
        self._recovery = recovery

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/me",
                access=Access.ANYONE,
                handler=self.me,
                output=schemas.Me,
                about="Who is asking, and the CSRF token for this browser.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/me",
                access=Access.MEMBER,
                handler=self.change_me,
                input=schemas.ChangeMe,
                output=schemas.Me,
                refusals=(Code.RATE_LIMITED, Code.UNAVAILABLE),
                about="Change one's name, language or password. A new password ends all other sign-ins and live seats.",
            ),
            Endpoint(
                method="POST",
                path="/api/setup",
                access=Access.ANYONE,
                handler=self.set_up,
                input=schemas.Setup,
                output=schemas.Me,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, *_SIGN_IN_CODES),
                about="Make the first park administrator with the one-time link that the server printed.",
            ),
            Endpoint(
                method="POST",
                path="/api/sign-in",
                access=Access.ANYONE,
                handler=self.sign_in,
                input=schemas.SignIn,
                output=schemas.Me,
                refusals=(Code.UNAUTHENTICATED, *_SIGN_IN_CODES),
                about="Sign in with address and password.",
            ),
            Endpoint(
                method="POST",
                path="/api/sign-out",
                access=Access.MEMBER,
                handler=self.sign_out,
                about="End this sign-in.",
            ),
            Endpoint(
                method="POST",
                path="/api/sign-out-everywhere",
                access=Access.MEMBER,
                handler=self.sign_out_everywhere,
                about="End all sign-ins of the account and close its connections to rooms.",
            ),
            Endpoint(
                method="POST",
                path="/api/invitations",
                access=Access.MEMBER,
                handler=self.invite,
                input=schemas.Invite,
                output=schemas.InvitationLink,
                refusals=(Code.FORBIDDEN, Code.RATE_LIMITED),
                about="A one-time link that makes a member. For administrators of the organization or the park.",
            ),
            Endpoint(
                method="GET",
                path="/api/invitations",
                access=Access.ANYONE,
                handler=self.invitation,
                input=schemas.InvitationQuery,
                output=schemas.InvitationView,
                refusals=(Code.NOT_FOUND,),
                about="Whom an invitation is for.",
            ),
            Endpoint(
                method="POST",
                path="/api/invitations/accept",
                access=Access.ANYONE,
                handler=self.accept_invitation,
                input=schemas.AcceptInvitation,
                output=schemas.Me,
                refusals=(Code.NOT_FOUND, *_SIGN_IN_CODES),
                about="Accept an invitation with a new password, or with that of the account that the address has.",
            ),
            Endpoint(
                method="POST",
                path="/api/password-forgotten",
                access=Access.ANYONE,
                handler=self.forgotten,
                input=schemas.ForgottenPassword,
                refusals=_SIGN_IN_CODES,
                about="Mail a one-time link for a new password, if the address has an account: the answer is the same.",
            ),
            Endpoint(
                method="POST",
                path="/api/password-reset",
                access=Access.ANYONE,
                handler=self.reset_password,
                input=schemas.ResetPassword,
                output=schemas.Me,
                refusals=(Code.NOT_FOUND, *_SIGN_IN_CODES),
                about="Set a new password with a one-time link, mailed or of `tongxin admin reset`. Ends all sign-ins.",
            ),
            Endpoint(
                method="GET",
                path="/api/organizations",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.organizations,
                output=schemas.OrganizationList,
                about="All organizations, by name.",
            ),
            Endpoint(
                method="POST",
                path="/api/organizations",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.add_organization,
                input=schemas.NewOrganization,
                output=schemas.OrganizationView,
                status=201,
                about="Add an organization.",
            ),
            Endpoint(
                method="GET",
                path="/api/organizations/{id}/members",
                access=Access.MEMBER,
                handler=self.members,
                input=schemas.MembersQuery,
                output=schemas.MemberList,
                refusals=(Code.FORBIDDEN, Code.NOT_FOUND),
                about="Members of an organization, for its administrators. `after` is the last id of the page before.",
            ),
            Endpoint(
                method="PUT",
                path="/api/organizations/{id}/members/{account_id}",
                access=Access.MEMBER,
                handler=self.set_roles,
                input=schemas.SetRoles,
                refusals=(Code.FORBIDDEN, Code.NOT_FOUND, Code.CONFLICT),
                about="Replace a member's roles; none ends the membership. For administrators of the organization.",
            ),
        )

    # ------------------------------------------------------------ oneself

    async def me(self, call: Call[Nothing]) -> Reply:
        caller = call.caller
        visitor = caller.visitor or new_secret()
        cookies = () if caller.visitor else (Cookie(CookieName.VISITOR, visitor),)
        return Reply(await self._view(caller.member, caller.session or visitor), cookies)

    async def change_me(self, call: Call[schemas.ChangeMe]) -> Reply:
        caller, body = call.caller, call.input
        member = await self._accounts.change_me(
            caller.signed_in,
            caller.session,
            caller.address,
            name=_given(body.name),
            locale=_given(body.locale),
            current_password=_given(body.current_password),
            new_password=_given(body.new_password),
        )
        return Reply(await self._view(member, caller.session))

    async def set_up(self, call: Call[schemas.Setup]) -> Reply:
        body = call.input
        return await self._enter(
            call.caller,
            await self._accounts.set_up(
                body.token,
                name=body.name,
                email=body.email,
                password=body.password,
                organization=body.organization,
                locale=DEFAULT_LOCALE,
                address=call.caller.address,
            ),
        )

    async def sign_in(self, call: Call[schemas.SignIn]) -> Reply:
        body = call.input
        return await self._enter(
            call.caller, await self._accounts.sign_in(body.email, body.password, call.caller.address)
        )

    async def sign_out(self, call: Call[Nothing]) -> Reply:
        await self._accounts.sign_out(call.caller.signed_in.account.id, call.caller.session)
        return Reply(None, (Cookie(CookieName.SESSION, ""),))

    async def sign_out_everywhere(self, call: Call[Nothing]) -> Reply:
        await self._accounts.sign_out_everywhere(call.caller.signed_in.account.id)
        return Reply(None, (Cookie(CookieName.SESSION, ""),))

    # ------------------------------------------------------------ invitations

    async def invite(self, call: Call[schemas.Invite]) -> Reply:
        body = call.input
        token = await self._accounts.invite(
            call.caller.signed_in,
            email=body.email,
            name=body.name,
            organization_id=body.organization_id,
            roles=body.roles,
        )
        return Reply(schemas.InvitationLink(link=f"{call.caller.base_url}/invitation?token={token}"))

    async def invitation(self, call: Call[schemas.InvitationQuery]) -> Reply:
        found = await self._accounts.invitation(call.input.token)
        return Reply(
            schemas.InvitationView(
                email=found.email, name=found.name, organization=found.organization, has_account=found.has_account
            )
        )

    async def accept_invitation(self, call: Call[schemas.AcceptInvitation]) -> Reply:
        body = call.input
        return await self._enter(
            call.caller,
            await self._accounts.accept_invitation(
                body.token, password=body.password, name=_given(body.name), address=call.caller.address
            ),
        )

    async def forgotten(self, call: Call[schemas.ForgottenPassword]) -> Reply:
        await self._recovery.ask(call.input.email, call.caller.address)
        return NO_CONTENT

    async def reset_password(self, call: Call[schemas.ResetPassword]) -> Reply:
        address = call.caller.address
        account_id = await self._recovery.reset(call.input.token, call.input.password, address)
        return await self._enter(call.caller, await self._accounts.enter(account_id, address))

    # ------------------------------------------------------------ organizations

    async def organizations(self, call: Call[Nothing]) -> Reply:
        found = await self._accounts.organizations()
        return Reply(schemas.OrganizationList(organizations=tuple(map(_organization, found))))

    async def add_organization(self, call: Call[schemas.NewOrganization]) -> Reply:
        return Reply(_organization(await self._accounts.add_organization(call.input.name, call.input.kind)))

    async def members(self, call: Call[schemas.MembersQuery]) -> Reply:
        listed, more = await self._accounts.members(
            call.caller.signed_in, call.path["id"], call.input.after, call.input.limit
        )
        members = tuple(
            schemas.MemberView(id=one.id, name=one.name, email=one.email, roles=one.roles, since_ms=one.since_ms)
            for one in listed
        )
        return Reply(schemas.MemberList(members=members, more=more))

    async def set_roles(self, call: Call[schemas.SetRoles]) -> Reply:
        await self._accounts.set_roles(
            call.caller.signed_in, call.path["id"], call.path["account_id"], call.input.roles
        )
        return NO_CONTENT

    # ------------------------------------------------------------

    async def _enter(self, caller: Caller, signed_in: SignedIn) -> Reply:
        if caller.member is not None:  # one browser, one sign-in: the former one is not left behind
            await self._accounts.sign_out(caller.member.account.id, caller.session)
        cookie = Cookie(CookieName.SESSION, signed_in.session, SESSION_LONGEST_MS // 1_000)
        return Reply(await self._view(signed_in.member, signed_in.session), (cookie,))

    async def _view(self, member: Member | None, csrf_source: str) -> schemas.Me:
        account = member.account if member else None
        return schemas.Me(
            account=schemas.AccountView(account.id, account.name, account.email, account.locale) if account else None,
            memberships=tuple(
                schemas.MembershipView(organization=_organization(one.organization), roles=one.roles)
                for one in (member.memberships if member else ())
            ),
            csrf=csrf_token(csrf_source),
            features=schemas.Features(
                create_meetings=member is not None,
                administer_park=member is not None and member.administers_park,
                password_min_chars=self._accounts.password_min_chars,
            ),
            server_time_ms=now_ms(),
            setup_needed=await self._accounts.setup_needed(),
        )


def _organization(organization: Organization) -> schemas.OrganizationView:
    return schemas.OrganizationView(id=organization.id, name=organization.name, kind=organization.kind)


def _given(value: str | UnsetType) -> str | None:
    return None if value is UNSET else value
