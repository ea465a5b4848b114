"""An OpenID provider (authlib's server parts behind aiohttp) in a process of its own, which can be told to lie.

`python -m tests.support.oidc_provider PORT` runs it.  Who is at its door stands in `/control`, with the lie of the
next answers; whoever asks `/authorize` is let through as that person.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import socket
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.support.processes import Program

CLIENT_ID = "tongxin"
CLIENT_SECRET = "the-secret-of-the-park"
REDIRECT = "http://meet.test/api/oidc/callback"
PERSON = {"sub": "u-1", "email": "wang@laser.example", "email_verified": True, "name": "Wang", "locale": "en-GB"}


class OidcProvider:
    """`tell` what it shall say, `counts` what it was asked for."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.issuer = f"http://127.0.0.1:{self.port}/realms/park"
        command = [sys.executable, "-m", "tests.support.oidc_provider", str(self.port)]
        root = Path(__file__).resolve().parents[2]
        environment = {**os.environ, "PYTHONPATH": str(root), "AUTHLIB_INSECURE_TRANSPORT": "1"}
        self._program = Program(command, folder / "oidc.log", environment=environment, folder=root)
        self._program.wait_ready(self._answers)

    def stop(self) -> None:
        self._program.stop()

    def environment(self, **more: str) -> dict[str, str]:
        """Of a server that knows it."""
        return {
            "TONGXIN_PUBLIC_URL": REDIRECT.partition("/api")[0],
            "TONGXIN_OIDC_ISSUER": self.issuer,
            "TONGXIN_OIDC_CLIENT_ID": CLIENT_ID,
            "TONGXIN_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "TONGXIN_OIDC_NAME": "Park ID",
            "TONGXIN_OIDC_NETWORKS": "127.0.0.0/8",
            **more,
        }

    def tell(self, lie: str = "", **person: object) -> None:
        """Blocks: from a thread."""
        body = json.dumps({"lie": lie, "person": {**PERSON, **person}}).encode()
        with urlopen(Request(f"http://127.0.0.1:{self.port}/control", data=body, method="POST"), timeout=10):
            pass

    def counts(self) -> dict[str, int]:
        """Blocks."""
        with urlopen(f"http://127.0.0.1:{self.port}/control", timeout=10) as response:
            found: dict[str, int] = json.load(response)
        return found

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False


# ------------------------------------------------------------ the process


@dataclass
class Code:
    """authlib's AuthorizationCodeMixin."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    person: dict[str, Any]

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class KnownClient:
    """authlib's ClientMixin: the one client."""

    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return REDIRECT

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == REDIRECT

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(client_secret, CLIENT_SECRET)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Held:
    issuer: str
    lie: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(PERSON))
    codes: dict[str, Code] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def _changed(lie: str, claims: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    changes: dict[str, dict[str, Any]] = {
        "wrong_nonce": {"nonce": "another"},
        "no_nonce": {"nonce": None},
        "wrong_issuer": {"iss": "https://evil.example"},
        "wrong_audience": {"aud": "somebody-else"},
        "no_azp": {"aud": [CLIENT_ID, "somebody-else"]},
        "wrong_azp": {"azp": "somebody-else"},
        "expired": {"iat": now - 400, "exp": now - 300},
        "of_yesterday": {"iat": now - 86_400, "exp": now + 3_600},
        "of_tomorrow": {"iat": now + 86_400, "exp": now + 90_000},
        "no_expiry": {"exp": None},
        "no_subject": {"sub": None},
        "long_subject": {"sub": "s" * 300},
        "wrong_at_hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    }
    return {key: value for key, value in {**claims, **changes.get(lie, {})}.items() if value is not None}


async def _serve(port: int) -> None:
    from aiohttp import web
    from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Payload, OAuth2Request
    from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
    from authlib.oauth2.rfc7636 import CodeChallenge
    from authlib.oidc.core import UserInfo
    from authlib.oidc.core.grants import OpenIDCode
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    base = f"http://127.0.0.1:{port}"
    held = Held(f"{base}/realms/park")
    key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    public_pem = key.as_pem(private=False)

    class Payload(OAuth2Payload):
        def __init__(self, values: dict[str, str]) -> None:
            self._values = values

        @property
        def data(self) -> dict[str, str]:
            return self._values

        @property
        def datalist(self) -> defaultdict[str, list[str]]:
            return defaultdict(list, {name: [value] for name, value in self._values.items()})

    class Asked(OAuth2Request):
        def __init__(self, method: str, uri: str, headers: dict[str, str], values: dict[str, str]) -> None:
            super().__init__(method, uri, headers=headers)
            self.payload = Payload(values)

        @property
        def args(self) -> dict[str, str]:
            return dict(self.payload.data)

        @property
        def form(self) -> dict[str, str]:
            return dict(self.payload.data)

    class Server(AuthorizationServer):
        def query_client(self, client_id: str) -> KnownClient | None:
            return KnownClient() if client_id == CLIENT_ID else None

        def save_token(self, token: dict[str, Any], request: Any) -> None:
            pass

        def send_signal(self, name: str, *_args: Any, **_kwargs: Any) -> None:
            pass

        def create_oauth2_request(self, request: Any) -> Any:
            return request

        def handle_response(self, status: int, body: Any, headers: Any) -> web.Response:
            text = json.dumps(body) if isinstance(body, dict) else body
            return web.Response(status=status, text=text, headers=dict(headers))

    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            held.codes[code] = Code(
                code,
                data["redirect_uri"],
                data["scope"],
                data["nonce"],
                data["code_challenge"],
                data["code_challenge_method"],
                request.user,
            )

        def query_authorization_code(self, code: str, _client: Any) -> Code | None:
            return held.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del held.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            return authorization_code.person

    class Identity(OpenIDCode):
        def exists_nonce(self, nonce: str, _request: Any) -> bool:
            return any(code.nonce == nonce for code in held.codes.values())

        def resolve_client_private_key(self, _client: Any) -> Any:
            return key

        def get_client_algorithm(self, _client: Any) -> str:
            return "RS256"

        def get_client_claims(self, _client: Any) -> dict[str, Any]:
            return {"iss": held.issuer}

        def get_encode_header(self, _client: Any) -> dict[str, str]:
            return {"alg": "RS256", "kid": "k1"}

        def generate_user_info(self, user: dict[str, Any], _scope: str) -> Any:
            hidden = ("email", "email_verified", "name") if held.lie.startswith("thin") else ()
            return UserInfo(**{name: value for name, value in user.items() if name not in hidden})

    server = Server(scopes_supported=["openid", "email", "profile"])
    server.register_grant(Grant, [CodeChallenge(required=True), Identity(require_nonce=True)])
    server.register_token_generator(
        "default",
        lambda **_: {
            "access_token": _unpadded(os.urandom(24)),
            "token_type": "Bearer",
            "expires_in": 60,
            "scope": "openid",
        },
    )

    def signed(lie: str, claims: dict[str, Any]) -> str:
        head, body = {"typ": "JWT", "kid": "k1"}, _unpadded(json.dumps(claims).encode())
        if lie in ("alg_none", "alg_hs256_by_public_key"):
            algorithm = "none" if lie == "alg_none" else "HS256"
            text = f"{_unpadded(json.dumps({**head, 'alg': algorithm}).encode())}.{body}"
            mac = hmac.new(public_pem, text.encode(), hashlib.sha256).digest() if algorithm == "HS256" else b""
            return f"{text}.{_unpadded(mac)}"
        by = other if lie == "another_key" else key
        name = "k2" if lie == "unknown_key" else "k1"
        return jwt.encode({"alg": "RS256", "kid": name}, claims, by, ["RS256"])

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b" " * 65_536)
        except ConnectionError:
            return response

    async def odd(request: web.Request, where: str) -> web.StreamResponse | None:
        held.counts[where] += 1
        match held.lie.removeprefix(f"{where}_"):
            case "huge":
                return await endless(request)
            case "slow":
                await asyncio.Event().wait()
            case "broken":
                return web.Response(status=500)
            case "moved":
                return web.Response(status=302, headers={"Location": f"{base}/elsewhere"})
            case "nonsense":
                return web.Response(text="[" * 5_000)
            case _:
                pass
        return None

    async def discovery(request: web.Request) -> web.StreamResponse:
        issuer = "https://evil.example" if held.lie == "discovery_issuer" else held.issuer
        login = "javascript:alert(1)" if held.lie == "discovery_script" else f"{base}/authorize"
        told = {
            "issuer": issuer,
            "authorization_endpoint": login,
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "userinfo_endpoint": f"{base}/userinfo",
            "end_session_endpoint": f"{base}/end?realm=park",
            "authorization_response_iss_parameter_supported": True,
        }
        return await odd(request, "discovery") or web.json_response(told)

    async def jwks(request: web.Request) -> web.StreamResponse:
        told = {"keys": [key.as_dict(private=False)]}
        return await odd(request, "jwks") or web.json_response(told)

    def asked(request: web.Request, values: dict[str, str]) -> Asked:
        return Asked(request.method, str(request.url), dict(request.headers), values)

    async def authorize(request: web.Request) -> web.Response:
        wanted = asked(request, dict(request.query))
        grant = server.get_consent_grant(wanted, held.person)
        person = None if held.lie == "declined" else held.person
        response: web.Response = server.create_authorization_response(wanted, person, grant=grant)
        issuer = "https://evil.example" if held.lie == "mixed_up" else held.issuer
        response.headers["Location"] += f"&iss={issuer}"
        return response

    async def token(request: web.Request) -> web.StreamResponse:
        if (strange := await odd(request, "token")) is not None:
            return strange
        form = {name: str(value) for name, value in (await request.post()).items()}
        response: web.Response = server.create_token_response(asked(request, form))
        if response.status != 200 or not held.lie:
            return response
        told = json.loads(response.text or "")
        told["id_token"] = signed(held.lie, _changed(held.lie, _claims_of(told["id_token"])))
        return web.json_response(told)

    async def userinfo(_request: web.Request) -> web.Response:
        person = {**held.person, "sub": "somebody-else"} if held.lie == "thin_of_another" else held.person
        return web.json_response(person)

    async def control(request: web.Request) -> web.Response:
        if request.method == "POST":
            told = json.loads(await request.read())
            held.lie, held.person = told["lie"], told["person"]
        return web.json_response(held.counts)

    app = web.Application()
    app.router.add_get("/realms/park/.well-known/openid-configuration", discovery)
    app.router.add_get("/jwks", jwks)
    app.router.add_get("/authorize", authorize)
    app.router.add_post("/token", token)
    app.router.add_get("/userinfo", userinfo)
    app.router.add_route("*", "/control", control)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
