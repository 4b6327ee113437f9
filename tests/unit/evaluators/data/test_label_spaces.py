"""Label spaces and prepared images in a pack: kept, checked, and part of the fingerprint."""

from pathlib import Path

import pytest
from tests.suites.imagenet.data.trees import picture

from farfield_evaluators.data.contents import WINDOW, Items
from farfield_evaluators.data.label_space import LabelSpace, from_json, subset
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source, build, open_pack, verify

SUBSET = subset([2, 0])
GROUPS = LabelSpace(kind="max", groups=((0, 1), (2,)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for label in (0, 2):
        picture(folder / f"{label}.png")
    return folder


def made(folder: Path, packs: Path, **changed: object) -> Pack:
    examples = tuple(Example(path=folder / f"{label}.png", set="few", label=label) for label in (0, 2))
    classes = tuple(PackClass(name=name) for name in "abc")
    given = {"name": "x", "title": "X", "licence": "CC0", "classes": classes, "domains": ("one",), "examples": examples}
    return build(Source(**{**given, **changed}), packs)


@pytest.mark.parametrize("space", [SUBSET, GROUPS], ids=lambda s: s.kind)
def test_a_pack_gives_the_label_space_back(space: LabelSpace, folder: Path, tmp_path: Path) -> None:
    pack = made(folder, tmp_path, label_spaces=(("few", space),))
    assert pack.label_space("few") == space
    assert open_pack(tmp_path, "x").label_space("few") == space
    assert from_json(space.as_json()) == space
    assert made(folder, tmp_path / "plain").label_space("few") is None
    verify(pack)


def test_they_are_part_of_the_fingerprint(folder: Path, tmp_path: Path) -> None:
    spaces = [(), (("few", SUBSET),), (("few", subset([0, 1, 2])),), (("few", GROUPS),)]
    found = [made(folder, tmp_path / str(i), label_spaces=s).fingerprint for i, s in enumerate(spaces)]
    found.append(made(folder, tmp_path / "p", prepared=(("few", 224),)).fingerprint)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (subset([0, 1]), "label 2 is not in its label space"),
        (subset([0, 2, 3]), "class 3 of its label space is none of the pack's 3"),
        (LabelSpace(kind="max", groups=((0, 2), (2,))), "names a class twice"),
        (LabelSpace(kind="max", groups=((0, 2), ())), "names no class"),
        (subset([]), "names no class"),
    ],
)
def test_a_space_that_does_not_fit_is_refused(space: LabelSpace, said: str, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=said):
        made(folder, tmp_path, label_spaces=(("few", space),))


def test_a_foreign_kind_and_an_unknown_set(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="subset or max, not 'all'"):
        from_json({"kind": "all"})
    with pytest.raises(PackError, match="has no set 'many'; it has few"):
        made(folder, tmp_path).label_space("many")


class Counted:
    """Examples that are made when asked for, and count how many are asked for."""

    def __init__(self, examples: Items) -> None:
        self.examples, self.asked = examples, 0

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> Example:
        self.asked += 1
        return self.examples[index]


def test_a_long_source_is_asked_once_for_each_example(tmp_path: Path) -> None:
    examples = [
        Example(path=picture(tmp_path / f"{n}.png"), set="a" if n % 2 else "b", label=n % 3)
        for n in range(2 * WINDOW + 5)
    ]
    counted = Counted(examples)
    lazy = made(tmp_path, tmp_path / "lazy", examples=counted)
    assert counted.asked == len(examples)
    assert lazy == Pack(**{**vars(made(tmp_path, tmp_path / "eager", examples=tuple(examples))), "folder": lazy.folder})
