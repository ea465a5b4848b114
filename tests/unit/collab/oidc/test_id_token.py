"""ID tokens: what is signed by the right key, for us, for this flow and now is believed, and nothing else."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from collab.oidc.id_token import KEYS_MAX, Expected, PublicKey, TokenRefused, algorithm_of, key_for, verified

NOW_S = 1_800_000_000
RSA = RSAKey.generate_key(2048, {"kid": "r"})
EC = ECKey.generate_key("P-256", {"kid": "e"})
EXPECTED = Expected("https://id.example", "tongxin", "nonce", "access", NOW_S)
CLAIMS = {"iss": "https://id.example", "aud": "tongxin", "sub": "u", "nonce": "nonce", "iat": NOW_S, "exp": NOW_S + 60}


def public(key: RSAKey | ECKey) -> PublicKey:
    told: dict[str, Any] = dict(key.as_dict(private=False))
    return PublicKey(**{name: told[name] for name in ("kty", "kid", "n", "e", "crv", "x", "y") if name in told})


def signed(algorithm: str = "RS256", key: RSAKey | ECKey = RSA, **changes: object) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": "r"}, claims, key, [algorithm])


@pytest.mark.parametrize(("algorithm", "key"), [("RS256", RSA), ("PS384", RSA), ("ES256", EC)])
def test_an_honest_token_is_believed(algorithm: str, key: RSAKey | ECKey) -> None:
    claims = verified(signed(algorithm, key, email="a@b.example", email_verified=True), public(key), EXPECTED)
    assert (claims.sub, claims.email, claims.mail_is_verified) == ("u", "a@b.example", True)


def test_several_audiences_need_our_name_as_the_party() -> None:
    audiences = ["tongxin", "another"]
    assert verified(signed(aud=audiences, azp="tongxin"), public(RSA), EXPECTED).sub == "u"
    for azp in (None, "another"):
        with pytest.raises(TokenRefused):
            verified(signed(aud=audiences, azp=azp), public(RSA), EXPECTED)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://id.example/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": []},
        {"aud": None},
        {"nonce": "another"},
        {"nonce": ""},
        {"nonce": None},
        {"nonce": ["nonce"]},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "s" * 256},
        {"sub": "a\nb"},
        {"exp": NOW_S - 61},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": NOW_S + 120},
        {"iat": NOW_S - 700},
        {"iat": None},
        {"nbf": NOW_S + 120},
        {"azp": "another"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"email": ["a@b.example"]},
    ],
)
def test_what_is_not_for_us_here_and_now_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        verified(signed(**changes), public(RSA), EXPECTED)


def test_another_key_another_body_and_another_algorithm_are_refused() -> None:
    with pytest.raises(TokenRefused):
        verified(signed(key=RSAKey.generate_key(2048)), public(RSA), EXPECTED)
    head, _, signature = signed().split(".")
    body = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "sub": "admin"}).encode()).decode().rstrip("=")
    with pytest.raises(TokenRefused):
        verified(f"{head}.{body}.{signature}", public(RSA), EXPECTED)
    with pytest.raises(TokenRefused):
        verified(signed("ES256", EC), public(RSA), EXPECTED)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "HS512", "RSA1_5", "dir", "", "EdDSA"])
def test_what_is_not_signed_with_a_public_key_is_refused_before_any_key_is_looked_at(algorithm: str) -> None:
    head = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "r"}).encode()).decode().rstrip("=")
    with pytest.raises(TokenRefused, match="algorithm"):
        algorithm_of(f"{head}.e30.c2ln")


@pytest.mark.parametrize(
    "header", [{"alg": "RS256", "crit": ["exp"]}, {"alg": "RS256", "crit": []}, {"alg": ["RS256"]}, {"kid": "r"}, []]
)
def test_headers_that_ask_for_more_are_refused(header: object) -> None:
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    with pytest.raises(TokenRefused):
        algorithm_of(f"{head}.e30.c2ln")


def test_small_and_huge_keys_are_refused() -> None:
    for modulus in ("_" * 128, "_" * 4_000, "A" * 200 + "_" * 150, "A" * 350, ""):
        key = PublicKey("RSA", "r", n=modulus, e="AQAB")
        with pytest.raises(TokenRefused):
            verified(signed(), key, EXPECTED)


def test_a_key_is_of_the_kind_curve_use_and_algorithm_that_signed() -> None:
    rsa, ec = PublicKey("RSA", "k"), PublicKey("EC", "k", crv="P-256")
    assert key_for([rsa, ec], "RS256", "k") is rsa
    assert key_for([rsa, ec], "ES256", "k") is ec
    assert key_for([rsa, ec], "ES384", "k") is None
    assert key_for([rsa], "RS256", "another") is None
    assert key_for([rsa], "RS256", "") is rsa
    assert key_for([rsa, PublicKey("RSA", "l")], "RS256", "") is None  # a choice is no answer
    assert key_for([rsa, rsa], "RS256", "k") is None
    assert key_for([PublicKey("RSA", "k", use="enc")], "RS256", "k") is None
    assert key_for([PublicKey("RSA", "k", alg="RS512")], "RS256", "k") is None
    assert key_for([PublicKey("oct", "k")], "RS256", "k") is None
    assert key_for([*[ec] * KEYS_MAX, rsa], "RS256", "k") is None


@given(st.one_of(st.text(max_size=200), st.text('eyJ.AQ-_{}":[', max_size=300), st.just("[" * 20_000)))
def test_no_text_does_more_than_to_be_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        verified(text, public(RSA), EXPECTED)
