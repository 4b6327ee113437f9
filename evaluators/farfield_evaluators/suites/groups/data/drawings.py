"""The pack `groups-drawings`: the shipped drawings, where in training how a thing is drawn gives away what it is.

Built by the recipe of Waterbirds (Sagawa et al., ICLR 2020, arXiv 1911.08731, section 3): two labels, a second
property that goes with the label in nine of ten training images, and validation and test sets in which both are
independent. Here the labels are animals and objects, and the property is the technique: in colour, or in black and
white. No concept is in two of the sets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES as KINDS
from farfield_evaluators.data.drawings import LICENCE, Shown, rank, read_shown, synsets_of
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.groups.drawings import USUALLY
from farfield_evaluators.suites.groups.measures import BIAS, bias_of

NAME = "groups-drawings"
TRAIN, VAL, TEST = "train", "val", "test"
CONCEPTS: Mapping[str, float] = MappingProxyType({TEST: 0.45, VAL: 0.2})  # of each kind; the others are for training
USUAL_SHARE = 0.9  # Waterbirds has .95, with twelve times the training images: of .95 no group of ours would be left
TECHNIQUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "black-and-white": ("fluent-contrast", "openmoji-outline", "symbola"),
        "colour": ("emojione-v1", "fluent-3d", "fluent-flat", "noto", "noto-blob", "openmoji", "twemoji"),
    }
)
_ANIMALS = (
    "bird",
    "carnivore",
    "hoofed animal",
    "insect",
    "marine animal",
    "reptile or amphibian",
    "small or climbing mammal",
)
CLASSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"animal": _ANIMALS, "object": tuple(sorted(KINDS.keys() - set(_ANIMALS)))}
)

Group = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A picture in the terms of this data set."""

    shown: Shown
    label: str
    technique: str

    @property
    def group(self) -> Group:
        return self.label, self.technique

    @property
    def is_usual(self) -> bool:
        """Whether most of its class are drawn like it in training."""
        return USUALLY[self.label] == self.technique

    @property
    def rank(self) -> str:
        return self.shown.rank(NAME)


def import_drawings(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(drawings_source(demo_root()), packs)


def drawings_source(root: Path) -> Source:
    """The source made of the drawings of a class in `index.csv` in `root`; its photographs are left out."""
    classes, techniques = list(CLASSES), tuple(TECHNIQUES)
    examples = tuple(
        Example(
            path=drawing.shown.path,
            set=name,
            label=classes.index(drawing.label),
            domain=techniques.index(drawing.technique),
            more={BIAS.name: bias_of(drawing.label, drawing.technique, USUALLY)},
        )
        for name, drawings in split(read_drawings(root)).items()
        for drawing in drawings
    )
    return Source(
        name=NAME,
        title="Drawings of animals and objects, by technique",
        licence=LICENCE,
        classes=tuple(PackClass(name=name, synsets=synsets_of(root, kinds)) for name, kinds in CLASSES.items()),
        domains=techniques,
        examples=examples,
        columns=(BIAS,),
    )


def read_drawings(root: Path) -> tuple[Drawing, ...]:
    """Every drawing that shows a class."""
    technique = {style: name for name, styles in TECHNIQUES.items() for style in styles}
    label = {kind: name for name, kinds in CLASSES.items() for kind in kinds}
    return tuple(
        Drawing(shown=shown, label=label[shown.label], technique=technique[shown.style])
        for shown in read_shown(root)
        if shown.style in technique
    )


def split(drawings: Sequence[Drawing]) -> dict[str, list[Drawing]]:
    """The drawings of each set: concepts first, then those that the set's correlation leaves of them."""
    parts = set_of_concepts(drawings)
    members = {name: [d for d in drawings if parts[d.shown.concept] == name] for name in (TRAIN, VAL, TEST)}
    return {name: (correlated if name == TRAIN else balanced)(own) for name, own in members.items()}


def set_of_concepts(drawings: Iterable[Drawing]) -> dict[str, str]:
    """The set of each concept: of the concepts of each kind the same shares, in the order of a hash."""
    kinds = {d.shown.concept: d.shown.label for d in drawings}
    parts: dict[str, str] = {}
    for kind in KINDS:
        concepts = sorted((c for c, own in kinds.items() if own == kind), key=lambda c: rank(NAME, c))
        for_test, for_val = (round(share * len(concepts)) for share in CONCEPTS.values())
        names = [TEST] * for_test + [VAL] * for_val
        parts |= dict(zip(concepts, names + [TRAIN] * (len(concepts) - len(names)), strict=True))
    return parts


def correlated(drawings: Sequence[Drawing]) -> list[Drawing]:
    """All drawings in the usual technique of their class, and so many in the other that USUAL_SHARE are usual."""
    kept = [d for d in drawings if d.is_usual]
    for label in CLASSES:
        usual = sum(d.label == label for d in kept if d.is_usual)
        others = sorted((d for d in drawings if d.label == label and not d.is_usual), key=lambda d: d.rank)
        kept += others[: round(usual * (1 - USUAL_SHARE) / USUAL_SHARE)]
    return kept


def balanced(drawings: Sequence[Drawing]) -> list[Drawing]:
    """As many drawings of each group as the smallest one has."""
    groups: dict[Group, list[Drawing]] = {}
    for drawing in sorted(drawings, key=lambda d: d.rank):
        groups.setdefault(drawing.group, []).append(drawing)
    smallest = min(len(members) for members in groups.values())
    return [drawing for members in groups.values() for drawing in members[:smallest]]
