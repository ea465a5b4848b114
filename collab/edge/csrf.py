"""The CSRF token of a browser, made from the cookie that names it."""

from __future__ import annotations

import hashlib
import hmac


def csrf_token(cookie: str) -> str:
    """Another site cannot read the cookie, so it cannot know this; nothing needs to be stored."""
    return hmac.new(cookie.encode(), b"tongxin csrf", hashlib.sha256).hexdigest()[:40]


def csrf_matches(cookie: str, shown: str) -> bool:
    return bool(cookie) and hmac.compare_digest(shown.encode("utf-8", "replace"), csrf_token(cookie).encode())
