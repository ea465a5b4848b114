"""The provider as a client knows it: what it says of itself, its keys, and a code made into an identity.

What it says of itself and its keys are kept for an hour, by each process.  When it cannot be asked anew, what was known
counts for a day more: a provider that restarts keeps nobody out.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import quote_plus, urlsplit

import msgspec
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from msgspec import Struct

from .id_token import Claims, Expected, PublicKey, TokenRefused, algorithm_of, key_for, verified
from .provider_http import Answer, ProviderAway, ProviderRefused, ProviderWay

KEPT_MS: Final = 3_600_000
KEPT_WITHOUT_ANSWER_MS: Final = 86_400_000
RETRY_MS: Final = 10_000  # after a question that came to nothing
NEW_KEY_MS: Final = 60_000  # between two looks for a key that is not known
URL_MAX_CHARS: Final = 2_000
SCOPES: Final = "openid email profile"
WELL_KNOWN: Final = "/.well-known/openid-configuration"  # OpenID Connect Discovery 4


class Client(Struct, frozen=True):
    """Us, as the provider knows us."""

    issuer: str
    client_id: str
    secret: str  # "": a public client
    redirect_uri: str
    home: str = ""  # where the provider sends the browser after it has signed somebody out
    plain: bool = False  # http is taken, because the operator has named a network of their own


class Metadata(Struct, frozen=True):
    """OpenID Connect Discovery 3, as far as we use it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False  # RFC 9207


class _Keys(Struct, frozen=True):
    keys: tuple[PublicKey, ...]


class _Tokens(Struct, frozen=True):
    id_token: str
    access_token: str = ""


class Provider:
    """All raise ProviderAway and ProviderRefused."""

    def __init__(self, client: Client, way: ProviderWay, clock_ms: Callable[[], int]) -> None:
        self._client = client
        self._way = way
        self._clock_ms = clock_ms
        self._metadata: Metadata | None = None
        self._metadata_at_ms = 0
        self._failed_at_ms = 0
        self._keys: tuple[PublicKey, ...] = ()
        self._keys_at_ms = 0
        self._keys_failed_at_ms = 0
        self._asking = asyncio.Lock()

    @property
    def issuer(self) -> str:
        return self._client.issuer

    async def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        metadata = await self.metadata()
        url: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            self._client.client_id,
            "code",
            redirect_uri=self._client.redirect_uri,
            scope=SCOPES,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return url

    @property
    def sign_out_url(self) -> str:
        """Where the provider's own session ends (OpenID Connect RP-Initiated Logout 2); "": none that is known yet.

        Without a hint of who it was: the provider asks them."""
        if self._metadata is None or not self._metadata.end_session_endpoint:
            return ""
        ours = [("client_id", self._client.client_id), ("post_logout_redirect_uri", self._client.home)]
        url: str = add_params_to_uri(self._metadata.end_session_endpoint, ours)
        return url

    async def names_itself(self, shown: str) -> bool:
        """Whether a response is of this provider, as far as it says so (RFC 9207 2.4)."""
        metadata = await self.metadata()
        if not shown:
            return not metadata.authorization_response_iss_parameter_supported
        return shown == self._client.issuer

    async def identity(self, code: str, nonce: str, verifier: str) -> Claims:
        """Whom the code stands for; a code is worth something once."""
        metadata = await self.metadata()
        tokens = await self._exchange(metadata, code, verifier)
        try:
            algorithm, key_id = algorithm_of(tokens.id_token)
            key = await self._key(metadata, algorithm, key_id)
            now_s = self._clock_ms() // 1_000
            expected = Expected(self._client.issuer, self._client.client_id, nonce, tokens.access_token, now_s)
            # A signature is some hundred microseconds of work; a hostile key's size is bounded.
            claims = verified(tokens.id_token, key, expected)
        except TokenRefused as error:
            raise ProviderRefused(f"ID token: {error}") from error
        if claims.email is None and metadata.userinfo_endpoint and tokens.access_token:
            return await self._userinfo(metadata, tokens.access_token, claims)
        return claims

    async def metadata(self) -> Metadata:
        now_ms = self._clock_ms()
        if self._metadata is not None and now_ms - self._metadata_at_ms < KEPT_MS:
            return self._metadata
        async with self._asking:
            now_ms = self._clock_ms()
            known, age_ms = self._metadata, now_ms - self._metadata_at_ms
            if known is not None and age_ms < KEPT_MS:
                return known
            usable = known if age_ms < KEPT_MS + KEPT_WITHOUT_ANSWER_MS else None
            if now_ms - self._failed_at_ms < RETRY_MS:
                if usable is not None:
                    return usable
                raise ProviderAway("it did not answer a moment ago")
            try:
                self._metadata = await self._discover()
            except (ProviderAway, ProviderRefused):
                self._failed_at_ms = now_ms
                if usable is None:
                    raise
                return usable
            self._metadata_at_ms = now_ms
            return self._metadata

    # ------------------------------------------------------------

    async def _discover(self) -> Metadata:
        answer = await self._way.ask(self._client.issuer.rstrip("/") + WELL_KNOWN)
        metadata = _decoded(answer, Metadata, "discovery")
        if metadata.issuer != self._client.issuer:
            raise ProviderRefused(f"discovery names the issuer {metadata.issuer[:100]!r}")
        for url in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
            self._check(url)
        for url in (metadata.userinfo_endpoint, metadata.end_session_endpoint):
            if url:
                self._check(url)
        return metadata

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            well_formed = len(url) <= URL_MAX_CHARS and url.isprintable() and parts.hostname and not parts.fragment
        except ValueError:
            well_formed = False
            parts = urlsplit("")
        if not well_formed or parts.scheme not in (("https", "http") if self._client.plain else ("https",)):
            raise ProviderRefused(f"discovery names the address {url[:100]!r}")

    async def _key(self, metadata: Metadata, algorithm: str, key_id: str) -> PublicKey:
        """A key that is not known is looked for, for providers change theirs; but not with every token."""
        async with self._asking:
            now_ms = self._clock_ms()
            key = key_for(self._keys, algorithm, key_id)
            age_ms = now_ms - self._keys_at_ms
            if age_ms >= KEPT_MS or (key is None and age_ms >= NEW_KEY_MS):
                try:
                    found = await self._key_set(metadata, now_ms)
                except (ProviderAway, ProviderRefused):
                    if key is None or age_ms >= KEPT_MS + KEPT_WITHOUT_ANSWER_MS:
                        raise
                else:
                    self._keys, self._keys_at_ms = found, now_ms
                    key = key_for(self._keys, algorithm, key_id)
        if key is None:
            raise TokenRefused("no such key")
        return key

    async def _key_set(self, metadata: Metadata, now_ms: int) -> tuple[PublicKey, ...]:
        """Asked for once in RETRY_MS while it comes to nothing: whoever signs in waits for the answer."""
        if now_ms - self._keys_failed_at_ms < RETRY_MS:
            raise ProviderAway("it did not answer a moment ago")
        try:
            return _decoded(await self._way.ask(metadata.jwks_uri), _Keys, "key set").keys
        except (ProviderAway, ProviderRefused):
            self._keys_failed_at_ms = now_ms
            raise

    async def _exchange(self, metadata: Metadata, code: str, verifier: str) -> _Tokens:
        client, methods = self._client, metadata.token_endpoint_auth_methods_supported
        more, headers = {"code": code, "code_verifier": verifier}, {}
        if not client.secret:
            more["client_id"] = client.client_id
        elif "client_secret_basic" in methods or "client_secret_post" not in methods:
            pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"  # RFC 6749 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            more.update(client_id=client.client_id, client_secret=client.secret)
        body = prepare_token_request("authorization_code", "", client.redirect_uri, **more)
        answer = await self._way.ask(metadata.token_endpoint, body, headers)
        return _decoded(answer, _Tokens, "token endpoint")

    async def _userinfo(self, metadata: Metadata, access_token: str, claims: Claims) -> Claims:
        """OpenID Connect Core 5.3.2: what is said of another subject counts for nothing."""
        answer = await self._way.ask(
            metadata.userinfo_endpoint, headers={"Authorization": f"Bearer {_in_a_header(access_token)}"}
        )
        told = _decoded(answer, Claims, "userinfo")
        if told.sub != claims.sub:
            raise ProviderRefused("userinfo of another subject")
        return told


def _in_a_header(token: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ProviderRefused("access token")
    return token


T = TypeVar("T", bound=Struct)


def _decoded(answer: Answer, shape: type[T], what: str) -> T:
    if answer.status != 200:
        raise ProviderRefused(f"{what}: HTTP {answer.status} {answer.body[:100]!r}")
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProviderRefused(f"{what}: {error}"[:200]) from error
