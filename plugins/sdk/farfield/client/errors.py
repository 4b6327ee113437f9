"""What can go wrong between here and a site."""

from farfield.errors import FarfieldError


class SiteRefused(FarfieldError):
    """The site answered with an error of its own: code, sentence with advice, field and HTTP status."""

    def __init__(self, code: str, message: str, *, field: str | None = None, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.status = status


class SiteUnreachable(FarfieldError):
    """The site did not answer, or something on the way answered in its place; worth trying again."""

    code = "site.unreachable"


class NotSignedIn(FarfieldError):
    """There is no token for this site; says where one is looked for and how to get it."""

    code = "token.missing"
