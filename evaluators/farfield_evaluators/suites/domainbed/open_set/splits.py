"""Which classes are known, and which of them each source shows: the splits of OSLoPrompt's release (d562097).

C et al., CVPR 2025 (arXiv 2503.16106). Classes are numbered by their sorted names. Each domain is the target in turn;
the others, in sorted order, are the sources, and no source shows all known classes.
"""

from dataclasses import dataclass

from farfield_evaluators.suites.domainbed.data.official import OFFICE_HOME, PACS, VLCS, Official

UNKNOWN = "unknown"
SHOTS = (1, 5)
VALIDATION = 2  # further images a class and source to choose settings by; the release looks at the test instead
CODES = {"a": 1, "b": SHOTS[1] - 1, "v": VALIDATION}  # how many images of a class and domain are for what, in order
REST = "n"


def _range(*bounds: tuple[int, int]) -> tuple[int, ...]:
    return tuple(number for first, after in bounds for number in range(first, after))


@dataclass(frozen=True, kw_only=True)
class Split:
    """Of one data set: its domains in sorted order, how many of its first classes are known, what each source shows."""

    name: str
    domains: tuple[str, ...]
    known: int
    sources: tuple[tuple[int, ...], ...]
    official: Official | None = None

    @property
    def pack(self) -> str:
        """The name of the pack: the benchmark's."""
        return self.name

    def joined(self) -> dict[str, tuple[str, ...]]:
        """The sets of every target, each of the sets that make it: what it learns from, selects by and is tested on."""
        found = {}
        for target in self.domains:
            others = [domain for domain in self.domains if domain != target]
            shown = [(d, c) for d, classes in zip(others, self.sources, strict=True) for c in classes]
            found[f"test-{target}"] = tuple(
                set_of(target, label, code) for label in range(self.known + 1) for code in (*CODES, REST)
            )
            for shots, codes in zip(SHOTS, ("a", "ab"), strict=True):
                found[f"train-{shots}-{target}"] = tuple(set_of(d, c, code) for d, c in shown for code in codes)
            found[f"val-{target}"] = tuple(set_of(d, c, "v") for d, c in shown)
        return found


def set_of(domain: str, label: int, code: str) -> str:
    """The set that an image of a domain and label is in; `code` is what it is for in training."""
    return f"{domain}/{label}/{code}"


def code_at(place: int) -> str:
    """What the image at this place of its class and domain, in the order of the draw, is for.

    >>> "".join(code_at(place) for place in range(9))
    'abbbbvvnn'
    """
    for code, count in CODES.items():
        if place < count:
            return code
        place -= count
    return REST


DRAWINGS = Split(
    name="open-dg/drawings",
    domains=("fluent", "noto", "openmoji", "photographs"),
    known=10,
    sources=((0, 1, 2, 3, 4, 5), (0, 1, 2, 6, 7, 8), (3, 4, 5, 6, 7, 9)),
)
OPEN_PACS = Split(
    name="open-dg/pacs", domains=PACS.domains, known=6, sources=((3, 0, 1), (4, 0, 2), (5, 1, 2)), official=PACS
)
OPEN_VLCS = Split(name="open-dg/vlcs", domains=VLCS.domains, known=4, sources=((0, 1), (1, 2), (2, 3)), official=VLCS)
OPEN_OFFICE_HOME = Split(
    name="open-dg/office-home",
    domains=tuple(domain.replace(" ", "-") for domain in OFFICE_HOME.domains),
    known=54,
    sources=(_range((0, 15), (21, 32)), _range((0, 9), (15, 21), (32, 43)), _range((0, 3), (9, 21), (43, 54))),
    official=OFFICE_HOME,
)
SPLITS = (DRAWINGS, OPEN_PACS, OPEN_VLCS, OPEN_OFFICE_HOME)
