"""Class lists and index maps equal those of the libraries that ship them."""

import subprocess
import sys

import pytest

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.packs import PackError


def test_they_are_timms_and_open_clips() -> None:
    from open_clip.zero_shot_metadata import IMAGENET_CLASSNAMES
    from timm.data import ImageNetInfo

    assert classes.wnids() == tuple(ImageNetInfo().label_names())
    assert [c.name for c in classes.classes()] == list(IMAGENET_CLASSNAMES)
    assert [c.synsets for c in classes.classes()] == [(w,) for w in classes.wnids()]
    assert set(classes.imagenet_r()) != set(classes.imagenet_a())


def test_timms_index_files_say_the_same() -> None:
    from importlib.resources import files

    info = files("timm.data") / "_info"
    for name, mine in (("r", classes.imagenet_r()), ("a", classes.imagenet_a())):
        theirs = [int(i) for i in (info / f"imagenet_{name}_indices.txt").read_text().split()]
        assert [classes.numbers()[w] for w in mine] == theirs


def test_nothing_heavy_is_imported_for_them() -> None:
    code = (
        "import sys; from farfield_evaluators import commands; "
        "from farfield_evaluators.data import imagenet_classes as classes; "
        "classes.classes(), classes.imagenet_r(); print({'torch', 'timm', 'open_clip', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classes.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PackError, match="timm is not installed, which ships ImageNet's class lists"):
        classes.wnids.__wrapped__()
