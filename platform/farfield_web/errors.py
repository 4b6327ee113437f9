"""The family of errors that a person can cause. Each has a stable code and a sentence that says what to do."""

import math


class UserError(Exception):
    """Base of the family: `code` is stable, `message` is for reading, `field` names the input at fault, if one."""

    def __init__(self, code: str, message: str, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.hint = hint


class TooMany(UserError):
    """Why somebody must wait: a limit is used up. `seconds` is how long, counted from now, and at least 1."""

    def __init__(self, message: str, seconds: float, hint: str | None = None) -> None:
        super().__init__("request.throttled", message, hint=hint)
        self.seconds = max(1, math.ceil(seconds))


class SubmissionError(UserError):
    """Why something cannot be submitted, cancelled or retried."""


class AccountError(UserError):
    """Why an account or a token cannot be made."""


class LeaseError(UserError):
    """Why a worker must stop at once: `lease.lost` or `run.cancelled`."""


class WireRefused(UserError):
    """Why a worker's message is not read: `worker.version`, or `request.invalid` with the entry at fault."""


class AnnouncementError(UserError):
    """Why a worker's methods or benchmarks are refused."""


class PluginRefused(UserError):
    """Why what a package or an image turned out to bring may not run here; the code is one of `plugin.*`."""


class OutcomesError(UserError):
    """Why outcomes that a worker sends are not kept; the run goes on without."""


class PictureError(UserError):
    """Why a picture that a worker sends is not kept; the run goes on without."""


class HostingError(UserError):
    """Why the rules of a benchmark cannot be changed so."""


class UploadError(UserError):
    """Why a file is not taken."""


class ExportError(UserError):
    """Why something cannot be exported as it was asked for."""
