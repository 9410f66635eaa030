"""Signatures of webhook calls, by the scheme of Standard Webhooks (standardwebhooks.com).

`webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`. A receiver recomputes it with the
secret, compares in constant time, refuses old timestamps, and drops an id it has seen.
"""

import base64
import hashlib
import hmac
from uuid import UUID

PREFIX = "whsec_"


def secret_of(webhook: UUID, platform_key: str) -> str:
    """Return the secret of a webhook: derived, so that a stolen database holds none."""
    derived = hmac.new(platform_key.encode(), b"lienmach webhook " + webhook.bytes, hashlib.sha256)
    return PREFIX + base64.b64encode(derived.digest()).decode()


def signature(secret: str, *, message: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()
