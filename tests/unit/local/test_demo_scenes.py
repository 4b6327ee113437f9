"""The data that the demo makes beyond its first part: what keeps them away is said, and no demo fails for it."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.suite import ImportRequest
from farfield_local.demo import scenes
from farfield_local.demo.run import absent_packs


class Made:
    """Importers that make nothing but a note of who was asked; the corrupted scenes lack their package."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.importers = dict.fromkeys(scenes.BOARDS, self)

    def run(self, request: ImportRequest) -> None:
        self.asked.append(str(request.packs))
        if len(self.asked) == 2:
            raise PackError("install it with the extra `corruptions`")


def test_a_package_that_is_not_there_is_said_and_all_packs_are_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, console = Made(), Console(file=StringIO(), width=1000)
    monkeypatch.setattr(scenes, "catalog", lambda: made)
    scenes.import_scenes(tmp_path, console)
    assert made.asked == [str(tmp_path / "packs")] * len(scenes.BOARDS)
    assert isinstance(console.file, StringIO)
    said = console.file.getvalue()
    assert "the board coco-c/scenes stays empty: install it with the extra `corruptions`" in said
    assert "fsdet/scenes stays empty" not in said
    assert set(scenes.BOARDS) <= set(absent_packs(tmp_path))


def test_what_is_there_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made()
    monkeypatch.setattr(scenes, "catalog", lambda: made)
    monkeypatch.setattr(scenes, "is_imported", lambda packs, name: True)
    scenes.import_scenes(tmp_path, Console(file=StringIO()))
    assert made.asked == []


def test_packs_of_boards_that_are_not_wanted_are_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made()
    monkeypatch.setattr(scenes, "catalog", lambda: made)
    scenes.import_scenes(tmp_path, Console(file=StringIO()), ["fsdet-scenes", "groups-elpv"])
    assert made.asked == [str(tmp_path / "packs")]
