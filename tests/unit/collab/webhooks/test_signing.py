"""Signatures of webhooks, also against the example of the Standard Webhooks text and a reading of our own."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from collab.webhooks.events import WebhookEvent, message_of
from collab.webhooks.signing import secret_of, signature, signed_headers

# The example that libraries for Standard Webhooks test themselves by.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT_S, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_known_example() -> None:
    assert signature(SECRET, ID, AT_S, BODY) == SIGNED


def test_the_headers_carry_a_signature_for_each_secret() -> None:
    first, second = secret_of(b"a" * 32), secret_of(b"b" * 32)
    headers = signed_headers((first, second), ID, AT_S, BODY)
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (ID, str(AT_S))
    said = headers["webhook-signature"].split(" ")
    for key, one in zip((b"a" * 32, b"b" * 32), said, strict=True):
        digest = hmac.new(key, f"{ID}.{AT_S}.".encode() + BODY, hashlib.sha256).digest()
        assert one == f"v1,{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize("changed", [("x", AT_S, BODY), (ID, AT_S + 1, BODY), (ID, AT_S, BODY + b" ")])
def test_every_part_counts(changed: tuple[str, int, bytes]) -> None:
    assert signature(SECRET, *changed) != SIGNED


def test_what_is_no_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="not a webhook's secret"):
        signature("whsec_no base64!", ID, AT_S, BODY)


def test_a_message() -> None:
    body = message_of(WebhookEvent.JOB_SIGNED_OFF, 1_700_000_000_123, {"job_id": "x", "installer_id": None})
    assert body == (
        b'{"type":"job.signed_off","timestamp":"2023-11-14T22:13:20.123Z","data":{"job_id":"x","installer_id":null}}'
    )
