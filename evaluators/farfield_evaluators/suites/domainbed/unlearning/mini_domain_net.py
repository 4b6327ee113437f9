"""Import of MiniDomainNet: 126 of DomainNet's classes in four of its domains, by the lists that name its images.

Zhou et al., Domain Adaptive Ensemble Learning, TIP 2021 (arXiv 2003.07325). Below PATH lie DomainNet's folders of the
four domains and `splits_mini/<domain>_<train or test>.txt`, with a line `<domain>/<class>/<image> <label>` an image.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from farfield.errors import reason
from farfield.packaging.files import read_text
from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.suites.domainbed.data.itemised import Item, Itemised, import_items
from farfield_evaluators.suites.domainbed.unlearning.choices import MINI_DOMAIN_NET
from farfield_evaluators.suites.domainbed.unlearning.data import of_source

CLASSES = 126
LICENCE = "for non-commercial research and education, under its authors' fair-use notice"
PARTS = ("train", "test")


def import_mini_domain_net(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the images that the lists name. Raises PackError without the lists, ImportProblems for what is wrong."""
    problems: list[str] = []
    items = tuple(_items(path, problems))
    names: dict[int, str] = {}
    for item in items:
        name = PurePosixPath(item.file).parent.name
        if names.setdefault(item.label, name) != name:
            problems.append(f"{item.file}: its label {item.label} is that of {names[item.label]}, too")
    if sorted(names) != list(range(len(names))) or (len(names) != CLASSES and not subset):
        problems.append(f"the lists have {len(names)} labels; expected 0 to {CLASSES - 1}")
    listed = Itemised(
        name=MINI_DOMAIN_NET.name,
        title="MiniDomainNet: 126 kinds of things in four domains",
        licence=LICENCE,
        classes=tuple(names[label].replace("_", " ") for label in sorted(names)),
        environments=MINI_DOMAIN_NET.domains,
        items=items,
    )
    return import_items(
        listed, path, packs, subset=subset, problems=problems, made=lambda source: of_source(MINI_DOMAIN_NET, source)
    )


def _items(path: Path, problems: list[str]) -> Iterator[Item]:
    for number, domain in enumerate(MINI_DOMAIN_NET.domains):
        for part in PARTS:
            name = f"splits_mini/{domain}_{part}.txt"
            for place, line in enumerate(_lines(path / name), start=1):
                file, _, label = line.rpartition(" ")
                if not (label.isdecimal() and PurePosixPath(file).parts[:1] == (domain,) and ".." not in file):
                    problems.append(f"{name}:{place}: is no line <domain>/<class>/<image> <label>")
                    continue
                yield Item(file=file, label=int(label), environment=number)


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in read_text(path).splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: cannot be read: {reason(error)}; give the folder with splits_mini in it") from error
