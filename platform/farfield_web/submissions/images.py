"""Which container images people may name."""

import re

from django.conf import settings

from farfield_web.errors import SubmissionError

_BY_ID = re.compile(r"sha256:[0-9a-f]{64}")
# A name that begins with a hyphen would be an option to a program; dots may not lead out of a path.
_BY_DIGEST = re.compile(r"((?!.*(?:\.\.|//))[a-z0-9][a-z0-9./:_-]*)@sha256:[0-9a-f]{64}")
MAX_LENGTH = 300


def check_image(image: str) -> None:
    """Raises SubmissionError `plugin.not_allowed` for what names no fixed image, or one from a place not allowed."""
    if len(image) <= MAX_LENGTH and _BY_ID.fullmatch(image):
        return
    named = _BY_DIGEST.fullmatch(image) if len(image) <= MAX_LENGTH else None
    if named is None:
        text = "Name the image by its digest: registry/name@sha256: and 64 hexadecimal digits; a tag can change."
        raise SubmissionError("plugin.not_allowed", text, "image", "`docker images --digests` shows the digest.")
    if not any(_lies_in(named[1], place) for place in settings.IMAGE_REGISTRIES):
        raise SubmissionError("plugin.not_allowed", f"{_place(named[1])} {_allowed()}", "image")


def _lies_in(name: str, place: str) -> bool:
    place = place.strip().rstrip("/")
    full = name if _has_registry(name) else f"docker.io/{name}"
    return bool(place) and full.startswith(f"{place}/")


def _has_registry(name: str) -> bool:
    first, slash, _ = name.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")


def _place(name: str) -> str:
    registry = name.partition("/")[0] if _has_registry(name) else "docker.io"
    return f"This site takes no images from {registry}."


def _allowed() -> str:
    places = ", ".join(settings.IMAGE_REGISTRIES)
    if places:
        return f"It takes them from: {places}."
    return "It takes only images that its operator has loaded, named by their id: sha256: and 64 hexadecimal digits."
