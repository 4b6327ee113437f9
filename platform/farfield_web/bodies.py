"""How large the body of a request may be, told by its head alone: before a byte of it is stored, or anything is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

# Sign-in, sign-up and whatever else needs no account: forms of a few lines.
ANYBODY_BYTES = 64 * 1024
# The frame that a form puts around a file.
FRAME_BYTES = 1024 * 1024
UPLOADS = re.compile(r"/api/v1/uploads/?|/submit/.+/bring/[^/]+/")
WORKERS = "/api/worker/"


class Credential(Enum):
    """What the head of a request says of its sender; whether it is true is looked up apart."""

    NONE = "none"
    BEARER = "bearer"
    SESSION = "session"
    WORKER = "worker"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """In bytes: of an uploaded file, and of every other body."""

    upload: int
    other: int

    def of(self, path: str) -> int:
        """The largest body that somebody known may send to an address.

        Twice a file's bound, because who sends too much is told so by a page, once all of it has been read.
        """
        return 2 * self.upload + FRAME_BYTES if UPLOADS.fullmatch(path) else self.other + FRAME_BYTES


def credential_of(path: str, headers: Mapping[str, str], session_cookie: str) -> Credential:
    """By the headers, in the form that WSGI servers keep them: upper case, with underscores."""
    bearer = headers.get("AUTHORIZATION", "").lower().startswith("bearer ")
    if bearer:
        return Credential.WORKER if path.startswith(WORKERS) else Credential.BEARER
    return Credential.SESSION if f"{session_cookie}=" in headers.get("COOKIE", "") else Credential.NONE
