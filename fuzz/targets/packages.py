"""Wheels and sdists, as the site, a worker and `farfield check` look into them."""

import logging
from pathlib import Path
from random import Random

from tests.wheelhouse import record, wheel_members

from farfield.errors import PackageError
from farfield.packaging.intake import look_into_package
from fuzz import archives, mutate, nonsense
from fuzz.case import Case, Wrong, refused

WHEEL, SDIST = "toy_method-1.0-py3-none-any.whl", "toy_method-1.0.tar.gz"
PYPROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
backend-path = ["."]

[project]
name = "toy-method"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["numpy>=1", "farfield; python_version > '3'"]
dynamic = ["readme"]

[project.entry-points.farfield]
toy-method = "toy_method"
"""
WORST_TAGS = ".".join(["py3"] * 300)


class Packages:
    """A package is looked into; what is wrong with it has a code of its own."""

    name = "packages"
    seconds = 120.0

    def make(self, rng: Random) -> Case:
        wheel = rng.random() < 0.6
        data = _wheel(rng) if wheel else _sdist(rng)
        name = (WHEEL if wheel else SDIST) if rng.random() < 0.8 else _filename(rng)
        return Case(words=(name,), files={"sent": data})

    def run(self, case: Case, folder: Path) -> str:
        watch = _Errors()
        logging.getLogger("farfield").addHandler(watch)
        try:
            found = look_into_package(folder / "sent", case.words[0])
        except PackageError as error:
            if watch.said:
                raise Wrong(watch.said) from None
            return refused(error.code)
        return f"a {found.kind}"


class _Errors(logging.Handler):
    """What is logged as an error is ours to mend, even if the sender was told something else."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said += record.getMessage()


def _wheel(rng: Random) -> bytes:
    members = wheel_members(requires=("numpy>=1",), more="Requires-Python: >=3.11\n")
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice(list(members))
        members[name] = mutate.lines(rng, members[name].decode(errors="replace")).encode(errors="surrogatepass")
    members |= rng.choice(({}, {}, {}, {"toy_method-1.0.data/data/x": b""}, {"farfield/x.py": b""}, {"top.pth": b""}))
    if rng.random() < 0.9:
        members["toy_method-1.0.dist-info/RECORD"] = record(members, "toy_method-1.0.dist-info")
    if rng.random() < 0.1:
        del members[rng.choice(list(members))]
    return archives.zipped(rng, members)


def _sdist(rng: Random) -> bytes:
    info = "Metadata-Version: 2.4\nName: toy-method\nVersion: 1.0\nRequires-Dist: numpy\n"
    texts = {"pyproject.toml": PYPROJECT, "PKG-INFO": info, "toy_method.py": "x = 1\n"}
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice(list(texts))
        texts[name] = rng.choice((mutate.lines(rng, texts[name]), _toml(rng) if name.endswith("toml") else ""))
    if rng.random() < 0.1:
        del texts[rng.choice(list(texts))]
    members = {f"toy_method-1.0/{name}": text.encode(errors="surrogatepass") for name, text in texts.items()}
    return archives.tarred(rng, members)


def _toml(rng: Random) -> str:
    deep = rng.choice((10, 2000, 16000))
    return rng.choice(
        (
            "a." * deep + "a = 1",
            "x = " + "[" * deep + "]" * deep,
            "[" + "a." * deep + "a]",
            "[[a]]\n" * deep,
            f"n = {'9' * deep}",
            PYPROJECT + f"\n[tool.x]\nvalue = '{nonsense.text(rng)}'\n",
        )
    )


def _filename(rng: Random) -> str:
    tags = rng.choice(("py3-none-any", "cp311-cp311-linux_x86_64", f"{WORST_TAGS}-{WORST_TAGS}-{WORST_TAGS}", "x"))
    stem = rng.choice(("toy_method-1.0", "toy_method", "other-1.0", f"toy_method-{nonsense.text(rng)}"))
    return rng.choice((f"{stem}-{tags}.whl", f"{stem}.tar.gz", f"{stem}.zip", f"{stem} (1).whl", nonsense.text(rng)))
