"""Which test image a picture shows, why it is shown, and what was said of it in words."""

from dataclasses import dataclass, field

from farfield_evaluators import wire

CHANCE, FURTHER, MISTAKE = "chance", "further", "mistake"


@dataclass(frozen=True, kw_only=True)
class About(wire.Part):
    """A test image: its domain and its place in the pack.

    why: "chance", which every entry has the same; "further", so that one that is right and one that is wrong is there;
    "mistake", as one of the most confident. said and truth are words, empty of a detector of objects, whose pictures
    have layers; right is None where nothing is right or wrong. value: of a classifier its confidence, the highest
    probability of its softmax; of an OOD detector the share of in-distribution images with a lower score.
    """

    domain: str = field(metadata=wire.said(wire.text(100)))
    example: int = field(metadata=wire.said(wire.whole()))
    why: str = field(default=CHANCE, metadata=wire.said(wire.one_of(CHANCE, FURTHER, MISTAKE)))
    said: str = field(default="", metadata=wire.said(wire.text(300, blank=True)))
    truth: str = field(default="", metadata=wire.said(wire.text(300, blank=True)))
    right: bool | None = field(default=None, metadata=wire.said(wire.maybe(wire.flag)))
    value: float | None = field(default=None, metadata=wire.said(wire.maybe(wire.number)))
