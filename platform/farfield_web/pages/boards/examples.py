"""Example images of benchmarks, as strips of drawings whose licences allow to show them to everybody."""

from dataclasses import dataclass

BY = (
    "Drawings: Noto Emoji (Google, Apache-2.0), Twemoji (Twitter and contributors, CC BY 4.0), "
    "Fluent Emoji (Microsoft, MIT); scaled and set side by side."
)
_FOLDER = "farfield/examples"
_OF = {
    "imagenet-ood/mini": "zebra",
    "ood-detection/mini": "koala",
    "domainbed/styles": "drum",
    "adaptation/drawings": "parrot",
    "adaptation/drawings-active": "parrot",
    "groups/drawings": "goose",
    "longtail/drawings": "penguin",
}


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A strip of images: where it lies among the static files, and what is on it."""

    path: str
    alt: str


def strip_of(benchmark: str) -> Strip | None:
    """The strip of a benchmark; None where none is ours to show."""
    thing = _OF.get(benchmark)
    return Strip(path=f"{_FOLDER}/{thing}.webp", alt=f"A {thing}, drawn by five artists") if thing else None
