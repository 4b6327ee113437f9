"""How a webhook knows that a message is ours and fresh: HMAC-SHA256 over the time and the body, by its own secret."""

import hashlib
import hmac

HEADER = "Farfield-Signature"


def signature(secret: str, body: bytes, at: int) -> str:
    """The header's value; `at` is in seconds since 1970.

    >>> signature("s", b"{}", 1)[:10]
    't=1,v1=e1c'
    """
    code = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={code}"
