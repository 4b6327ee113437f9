"""The pack `adaptation-drawings`: photographs and coloured drawings to begin with, two families of artists to adapt to.

Families are held out, and not styles: Fluent's three styles share shapes, and so do OpenMoji's two. No concept is in
two of source, target and test. Each trial draws its own labelled images of the target; a set of the pack holds what is
drawn alike in all trials, and the sets of a trial are joined of those.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES, LICENCE, PHOTOGRAPHS, Shown, rank, read_shown, synsets_of
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.adaptation.drawings import PACK, SHOTS, SHOTS_TO_SELECT, TRIALS

NAME = PACK
TRAIN, VAL, TARGET, TEST, POOL = "train", "val", "target", "test", "pool"
SOURCE_STYLES = (PHOTOGRAPHS, "emojione-v1", "fluent-3d", "fluent-flat", "noto", "noto-blob", "twemoji")
TARGET_STYLES = ("openmoji", "openmoji-outline", "symbola")
STYLES = (*SOURCE_STYLES, *TARGET_STYLES)  # without fluent-contrast: line drawings of what the source has in colour
TEST_SHARE, TARGET_SHARE = 0.4, 0.3  # of each class's concepts that the target has; the others are the source's
VAL_SHARE = 0.1  # of the source's images of each class, as SHOT has it
LABELS = tuple(sorted(CLASSES))
LEARNED, SELECTED, LEFT = "l", "s", "n"  # what a trial makes of an image of the target


def import_drawings(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(drawings_source(demo_root()), packs)


def drawings_source(root: Path) -> Source:
    """The source made of the pictures of a class in `index.csv` in `root`."""
    sets = split([shown for shown in read_shown(root) if shown.style in STYLES])
    return Source(
        name=NAME,
        title="Drawings by unseen artists, with a few labels",
        licence=LICENCE,
        classes=tuple(PackClass(name=label, synsets=synsets_of(root, (label,))) for label in LABELS),
        domains=STYLES,
        examples=tuple(
            Example(path=d.path, set=name, label=LABELS.index(d.label), domain=STYLES.index(d.style))
            for name, members in sets.items()
            for d in members
        ),
        joined=joined_of([name for name in sets if name not in (TRAIN, VAL, TEST)]),
    )


def split(drawings: Sequence[Shown]) -> dict[str, list[Shown]]:
    """The drawings of each set: concepts first, then the styles that a part has, then what trials draw."""
    parts = part_of_concepts(drawings)
    own = {
        name: sorted((d for d in drawings if parts[d.concept] == name and d.style in styles), key=_rank)
        for name, styles in ((TRAIN, SOURCE_STYLES), (TARGET, TARGET_STYLES), (TEST, TARGET_STYLES))
    }
    val, codes = _for_validation(own[TRAIN]), codes_of(own[TARGET])
    drawn = {f"{TARGET}-{code}": [d for d in own[TARGET] if codes[d.path] == code] for code in sorted(codes.values())}
    return {TRAIN: [d for d in own[TRAIN] if d not in val], VAL: val, TEST: own[TEST], **drawn}


def part_of_concepts(drawings: Sequence[Shown]) -> dict[str, str]:
    """The part of each concept, train, target or test: of those that the target has the same shares, by a hash.

    At least two concepts are for each of target and test; what no artist of the target has drawn is the source's.
    """
    shared = {d.concept for d in drawings if d.style in TARGET_STYLES}
    parts = dict.fromkeys((d.concept for d in drawings), TRAIN)
    for label in LABELS:
        concepts = sorted({d.concept for d in drawings if d.label == label} & shared, key=partial(rank, NAME))
        test, target = (max(2, round(share * len(concepts))) for share in (TEST_SHARE, TARGET_SHARE))
        names = [TEST] * test + [TARGET] * target + [TRAIN] * (len(concepts) - test - target)
        parts |= dict(zip(concepts, names, strict=True))
    return parts


def codes_of(target: Sequence[Shown]) -> dict[Path, str]:
    """What becomes of each image of the target, a letter for every trial; images by their paths."""
    drawn = [_drawn(target, trial) for trial in range(TRIALS)]
    return {d.path: "".join(letters.get(d.path, LEFT) for letters in drawn) for d in target}


def joined_of(sets: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The pool, and the sets of every trial, each with those that make it: `target-0`, `target-val-0` to select by."""
    every = tuple(sorted(sets))
    by_trial = tuple(
        (f"{name}-{trial}", tuple(of for of in every if of.rpartition("-")[2][trial] == letter))
        for trial in range(TRIALS)
        for name, letter in ((TARGET, LEARNED), (f"{TARGET}-val", SELECTED))
    )
    return ((POOL, every), *by_trial)


def _drawn(target: Sequence[Shown], trial: int) -> dict[Path, str]:
    """The letters of the images that a trial draws: some of each class, in the order of a hash of the trial."""
    letters = LEARNED * SHOTS + SELECTED * SHOTS_TO_SELECT
    by_class = ([d for d in target if d.label == label] for label in LABELS)
    ordered = (sorted(own, key=lambda d: d.rank(f"{NAME}:{trial}")) for own in by_class)
    return {d.path: letter for own in ordered for d, letter in zip(own, letters, strict=False)}


def _for_validation(source: Sequence[Shown]) -> list[Shown]:
    """The images of the source that are for validation: of each class a share."""
    by_class = ([d for d in source if d.label == label] for label in LABELS)
    return [d for own in by_class for d in own[: round(VAL_SHARE * len(own))]]


def _rank(drawing: Shown) -> str:
    """The order of the index must not count."""
    return drawing.rank(NAME)
