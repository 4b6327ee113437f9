"""What a password must be beyond Django's own rules: enough different characters, and text that can be hashed."""

from django.core.exceptions import ValidationError

MAX_LENGTH = 200
DISTINCT = 5


class DistinctCharacters:
    """Counts characters that differ; all white space counts as one, so that spaces alone are no password."""

    def __init__(self, distinct: int = DISTINCT) -> None:
        self.distinct = distinct

    def validate(self, password: str, user: object | None = None) -> None:
        """Raises ValidationError."""
        if any("\ud800" <= character <= "\udfff" or character == "\0" for character in password):
            raise ValidationError("This password holds characters that cannot be kept.", code="password_not_text")
        if len(password) > MAX_LENGTH:
            raise ValidationError(f"A password may have {MAX_LENGTH} characters.", code="password_too_long")
        if not password.strip():
            raise ValidationError("A password of nothing but spaces is none.", code="password_blank")
        if len({" " if character.isspace() else character.casefold() for character in password}) < self.distinct:
            raise ValidationError(
                f"This password must have at least {self.distinct} different characters.", code="password_too_uniform"
            )

    def get_help_text(self) -> str:
        return f"Your password must have at least {self.distinct} different characters."
