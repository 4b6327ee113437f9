"""Mending and removing packs: what is damaged is brought again or copied, what is unwanted goes whole."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from farfield.errors import reason
from farfield_evaluators.data.build import discard, put
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.pack import Pack, read_pack
from farfield_evaluators.data.pack_use import unread, writing
from farfield_evaluators.data.shelf import FINGERPRINT, current, open_pack, problems_of, set_current

Bring = Callable[[Path | None], Pack]  # imports the data set from its release, or from what is installed


@dataclass(frozen=True, kw_only=True)
class Held:
    """A pack's folder under its name, whether or not it can be opened."""

    name: str
    folder: Path

    @property
    def fingerprint(self) -> str:
        return self.folder.name

    def size(self) -> int:
        """Bytes on disk."""
        return sum(path.lstat().st_size for path in self.folder.rglob("*") if path.is_file())

    def __str__(self) -> str:
        return f"{self.name} {self.fingerprint}"


def held(packs: Path) -> list[Held]:
    """Every pack on disk, in use or not, whole or damaged; by name and fingerprint."""
    folders = sorted(
        folder
        for pattern in ("*/*", "*/*/*")
        for folder in packs.glob(pattern)
        if FINGERPRINT.fullmatch(folder.name) and folder.is_dir()
    )
    return [Held(name=folder.parent.relative_to(packs).as_posix(), folder=folder) for folder in folders]


def chosen_by(packs: Path, wanted: str) -> list[Held]:
    """Those of a name, or the one of a fingerprint. Raises PackError when there is none."""
    every = held(packs)
    chosen = [h for h in every if wanted in (h.name, h.fingerprint)]
    if not chosen and not (packs / wanted / "current").is_file():
        known = ", ".join(map(str, every)) or "none is imported"
        raise PackError(f"no pack here has the name or the fingerprint {wanted!r}; there are: {known}")
    return chosen


def repair(packs: Path, name: str, path: Path | None, bring: Bring) -> str:
    """Make the pack of that name whole; says what was done.

    path: the official data again, or an intact copy of the pack, such as another machine's. Without one what is shipped
    or made of other packs is made again. Raises PackError when the pack cannot be mended so.
    """
    problems = problems_in_use(packs, name)
    if not problems:
        return f"{name} {open_pack(packs, name).fingerprint}: intact, nothing to repair"
    before = _fingerprint_of(packs, name)
    copy = None if path is None else _copy_at(path, name, before)
    if copy is not None:
        _take(packs, name, copy)
        return f"{name} {copy.fingerprint}: repaired with the copy in {copy.folder}"
    if path is None and _put_back(packs, name):
        return f"{name} {open_pack(packs, name).fingerprint}: intact; it is in use again"
    try:
        pack = bring(path)
    except PackError as error:
        raise PackError(f"{name} is damaged: {'; '.join(problems)}. It was not repaired: {error}") from error
    if before in ("", pack.fingerprint):
        return f"{name} {pack.fingerprint}: repaired"
    other = f"these are other contents than the damaged pack's; remove that with `farfield data remove {before}`"
    return f"{name} {pack.fingerprint}: imported; {other}"


def problems_in_use(packs: Path, name: str) -> list[str]:
    """What is wrong with the pack in use under that name. Raises PackError when none was imported."""
    if not (packs / name / "current").exists() and not any(h.name == name for h in held(packs)):
        current(packs, name)  # says that it is not imported
    try:
        return problems_of(packs / name / current(packs, name))
    except PackError as error:
        return [str(error)]


def remove(packs: Path, chosen: list[Held], name: str) -> None:
    """Remove these packs of that name. Raises PackError, and removes none, when one is in use or lends to another."""
    home = packs / name
    try:
        with writing(home), contextlib.ExitStack() as unused:
            for pack in chosen:
                for other in _borrowers(packs, pack):
                    raise PackError(f"{pack} lends its training set to {other}; remove that first")
                if not unused.enter_context(unread(pack.folder)):
                    raise PackError(f"{pack} is in use by a run; remove it when that has ended")
            _remove(packs, name, chosen)
    except OSError as error:
        raise PackError(f"{name} cannot be removed: {error.filename}: {reason(error)}") from error
    with contextlib.suppress(OSError):  # what still holds something stays
        for folder in (home, *home.parents[: name.count("/")]):
            folder.rmdir()


def _remove(packs: Path, name: str, chosen: list[Held]) -> None:
    """The note which pack is in use goes first, and with the last pack in any case."""
    fingerprints = {pack.fingerprint for pack in chosen}
    others = {pack.fingerprint for pack in held(packs) if pack.name == name} - fingerprints
    if not others or _fingerprint_of(packs, name) in fingerprints:
        (packs / name / "current").unlink(missing_ok=True)
    for pack in chosen:
        discard(pack.folder)


def _borrowers(packs: Path, pack: Held) -> Iterator[Held]:
    """The packs that take their training set from this one. One that cannot be opened cannot be used either."""
    for other in held(packs):
        with contextlib.suppress(PackError):
            borrowed = {lent.fingerprint for lent in read_pack(other.folder).lent}
            if pack.fingerprint in borrowed:
                yield other


def _fingerprint_of(packs: Path, name: str) -> str:
    try:
        return current(packs, name)
    except PackError:
        return ""


def _copy_at(path: Path, name: str, wanted: str) -> Pack | None:
    """The intact pack at a path: its own folder, its name's, or a folder of packs. None where no pack lies there."""
    places = (path, path / wanted, path / name / wanted) if wanted else (path,)
    for place in places:
        if (place / "manifest.json").is_file():
            copy = read_pack(place)
            if (copy.name, copy.fingerprint) != (name, wanted or copy.fingerprint):
                raise PackError(f"{place} holds {copy.name} {copy.fingerprint}, not {name} {wanted}")
            problems = problems_of(place)
            if problems:
                raise PackError(f"the copy in {place} is damaged too: {'; '.join(problems)}")
            return copy
    return None


def _take(packs: Path, name: str, copy: Pack) -> None:
    def write(draft: Path) -> str:
        shutil.copytree(copy.folder, draft, dirs_exist_ok=True)
        return copy.fingerprint

    try:
        with writing(packs / name):
            put(packs / name, write)
    except OSError as error:
        raise PackError(f"{copy.folder} cannot be copied: {reason(error)}") from error


def _put_back(packs: Path, name: str) -> bool:
    """Whether the only pack of that name was intact, and only the note which is in use was not."""
    folders = [h.folder for h in held(packs) if h.name == name]
    if len(folders) != 1 or problems_of(folders[0]):
        return False
    try:
        with writing(packs / name):
            set_current(packs / name, folders[0].name)
    except OSError as error:
        raise PackError(f"{packs / name} cannot be written: {reason(error)}") from error
    return True
