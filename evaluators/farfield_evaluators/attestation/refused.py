"""Why a signed result is not believed."""

from farfield.errors import FarfieldError


class NotBelieved(FarfieldError):
    """A signed result that does not hold; the code says which of its parts, the message what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = f"attestation.{code}"
