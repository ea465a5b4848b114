"""Settings: every one has a default, a bad one stops the start with a sentence, none shows its secret."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.config import Settings, masked_url, read_settings, shown_settings, unknown_settings
from collab.problems import StartFailure
from signaling.webrtc.codecs import Codec

VARIABLES = [item.metadata["env"] for item in fields(Settings)]


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings({})
    assert settings.http_port == 8080
    assert settings.media_port == 8080
    assert settings.effective_database_url == f"sqlite+aiosqlite:///{Path('data/tongxin.db').absolute()}"


def test_each_variable_is_documented_once() -> None:
    assert len(set(VARIABLES)) == len(VARIABLES)
    assert all(item.metadata["about"].endswith(".") for item in fields(Settings))


@pytest.mark.parametrize(
    ("variable", "value", "cure"),
    [
        ("TONGXIN_HTTP_PORT", "80 80", "whole number from 0 to 65535"),
        ("TONGXIN_HTTP_PORT", "65536", "whole number"),
        ("TONGXIN_HTTP_PORT", "-1", "whole number"),
        ("TONGXIN_HTTP_PORT", "８０８０", "whole number"),
        ("TONGXIN_HTTP_HOST", "localhost", "IP address"),
        ("TONGXIN_PUBLIC_ADDRESS", "203.0.113.7,meet.example.org", "IP addresses"),
        ("TONGXIN_PUBLIC_URL", "meet.example.org", "https://"),
        ("TONGXIN_PUBLIC_URL", "https://meet.example.org/park", "without a path"),
        ("TONGXIN_PUBLIC_URL", "javascript://x", "https://"),
        ("TONGXIN_TRUSTED_PROXIES", "proxy", "networks"),
        ("TONGXIN_LOG_LEVEL", "loud", "one of: debug"),
        ("TONGXIN_TURN_URLS", "https://turn.example.org", "turn:"),
        ("DATABASE_URL", "mysql://a@b/c", "postgresql://"),
        ("REDIS_URL", "memcached://x", "redis://"),
        ("TONGXIN_OIDC_ISSUER", "id.example.org", "as the provider writes it"),
        ("TONGXIN_OIDC_ISSUER", "https://id.example.org/?realm=park", "as the provider writes it"),
        ("TONGXIN_OIDC_PEOPLE", "Optics Valley", "with semicolons"),
        ("TONGXIN_OIDC_LINK_BY_MAIL", "always", "one of: off, verified"),
        ("TONGXIN_OIDC_NAME", "", "1 to 40"),
    ],
)
def test_a_bad_value_stops_the_start_with_one_sentence(variable: str, value: str, cure: str) -> None:
    with pytest.raises(StartFailure) as failure:
        read_settings({variable: value})
    sentence = str(failure.value)
    assert sentence.startswith(f"{variable} is ")
    assert cure in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "postgresql://tongxin:changeme@db.example/tongxin"),
        ("DATABASE_URL", "postgresql://tongxin:Postgres@10.0.0.9/tongxin"),
        ("REDIS_URL", "redis://:secret@redis.example:6379/0"),
        ("TONGXIN_TURN_SECRET", "changeme"),
        ("TONGXIN_TURN_SECRET", "short"),
    ],
)
def test_known_default_secrets_are_refused_and_not_repeated(variable: str, value: str) -> None:
    with pytest.raises(StartFailure) as failure:
        read_settings({variable: value})
    assert value not in str(failure.value)


def test_a_password_of_this_machine_only_is_ones_own_matter() -> None:
    assert read_settings({"DATABASE_URL": "postgresql://postgres:postgres@localhost/test"}).database_url


@pytest.mark.parametrize(
    ("given_url", "effective"),
    [
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgres://u:p@h/d?sslmode=require", "postgresql+asyncpg://u:p@h/d?ssl=require"),
        ("postgresql+asyncpg://u@/d?host=/run/pg", "postgresql+asyncpg://u@/d?host=/run/pg"),
        ("sqlite:////var/lib/tongxin/x.db", "sqlite+aiosqlite:////var/lib/tongxin/x.db"),
    ],
)
def test_the_usual_forms_of_a_database_url_are_taken(given_url: str, effective: str) -> None:
    assert read_settings({"DATABASE_URL": given_url}).effective_database_url == effective


def test_settings_that_belong_together_are_asked_for_together() -> None:
    with pytest.raises(StartFailure, match="TONGXIN_TLS_KEY"):
        read_settings({"TONGXIN_TLS_CERTIFICATE": "/x.pem"})
    with pytest.raises(StartFailure, match="TONGXIN_TURN_SECRET"):
        read_settings({"TONGXIN_TURN_URLS": "turn:turn.example.org"})
    assert read_settings({"TONGXIN_TURN_URLS": "stun:stun.example.org"}).turn_urls


def test_secrets_are_masked_where_settings_are_shown() -> None:
    secret = "4b7e0c6d2f91a85e"
    environment = {
        "DATABASE_URL": f"postgresql://u:{secret}@h/d",
        "REDIS_URL": f"redis://:{secret}@h:6379/0",
        "TONGXIN_TURN_URLS": "turn:t.example.org",
        "TONGXIN_TURN_SECRET": secret,
    }
    shown = dict(shown_settings(read_settings(environment)))
    assert list(shown) == VARIABLES
    assert secret not in str(shown)
    assert shown["DATABASE_URL"] == "postgresql://u:***@h/d"
    assert shown["TONGXIN_TURN_SECRET"] == "***"
    assert masked_url("redis://h:6379/0") == "redis://h:6379/0"


def test_a_misspelled_variable_is_told_with_the_nearest_one() -> None:
    assert unknown_settings({"TONGXIN_HTP_PORT": "1", "TONGXIN_HTTP_PORT": "1", "PATH": "/"}) == [
        ("TONGXIN_HTP_PORT", "TONGXIN_HTTP_PORT")
    ]
    assert unknown_settings({"TONGXIN_BANANA": "1"}) == [("TONGXIN_BANANA", "")]


@given(variable=st.sampled_from(VARIABLES), value=st.text(max_size=40))
def test_no_value_whatever_makes_anything_but_settings_or_a_sentence(variable: str, value: str) -> None:
    try:
        read_settings({variable: value})
    except StartFailure as failure:
        assert variable in str(failure) or "TONGXIN_T" in str(failure)  # noqa: PT017 -- either outcome is right


def test_video_codecs_are_an_order_with_one_that_everybody_can_fall_back_on() -> None:
    assert read_settings({"TONGXIN_VIDEO_CODECS": "vp9, VP8,h264"}).video_codecs == (Codec.VP9, Codec.VP8, Codec.H264)
    for refused in ("VP9,AV1", "VP8,VP8", "VP8,opus", ""):
        with pytest.raises(StartFailure, match="TONGXIN_VIDEO_CODECS"):
            read_settings({"TONGXIN_VIDEO_CODECS": refused})


def test_a_provider_needs_our_name_there_our_address_and_https() -> None:
    given = {"TONGXIN_OIDC_ISSUER": "https://id.example.org"}
    for name, value in (("TONGXIN_OIDC_CLIENT_ID", "tongxin"), ("TONGXIN_PUBLIC_URL", "https://meet.example.org")):
        with pytest.raises(StartFailure, match=f"set {name} too"):
            read_settings(given)
        given[name] = value
    assert read_settings(given).oidc_issuer == "https://id.example.org"
    given["TONGXIN_OIDC_ISSUER"] = "http://id.example.org"
    with pytest.raises(StartFailure, match="TONGXIN_OIDC_NETWORKS"):
        read_settings(given)
    assert read_settings({**given, "TONGXIN_OIDC_NETWORKS": "10.0.0.0/8"}).oidc_networks
