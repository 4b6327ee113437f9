"""TOML files beside the installed suites: found, announced by a hash of their content, and no harm to others."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.evaluators.own.made import FOLDERS, installed, tree

from farfield.cli import main
from farfield.errors import UnknownName
from farfield_evaluators.audience import Audience
from farfield_evaluators.catalog import catalog, find
from farfield_evaluators.suite_loading import RefusedSuite


def test_each_file_is_a_suite_with_one_benchmark_and_one_importer(tmp_path: Path) -> None:
    with installed(tmp_path, toys=FOLDERS, more_toys=FOLDERS):
        own = [each for each in catalog().installed if each.suite.name.startswith("own-")]
        assert [str(each.identity) for each in own] == ["own-more-toys of more-toys.toml 1", "own-toys of toys.toml 1"]
        assert catalog().installed[-2:] == tuple(own)  # after those that are installed
        assert find("own/toys").audience == Audience()
        assert {"own/toys", "own/more-toys"} <= set(catalog().importers)


def test_a_file_of_another_content_has_another_hash_unless_only_words_or_people_differ(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        with installed(tmp_path, toys=text):
            return catalog().installed[-1].identity.digest

    plain = digest(FOLDERS)
    assert digest(FOLDERS.replace("Toys", "Playthings")) == plain
    assert digest(f'{FOLDERS}\n[access]\nowners = ["ada"]\n') == plain
    assert digest(FOLDERS.replace("[train]", "[data2]").replace('[data2]\nwhere = { split = "train" }\n', "")) != plain
    assert digest(f'version = "2"\n{FOLDERS}') != plain


def test_a_file_with_mistakes_is_refused_by_name_and_harms_no_other(tmp_path: Path) -> None:
    with installed(tmp_path, toys=FOLDERS, broken=FOLDERS.replace('"accuracy"', '"acuracy"')):
        assert catalog().installed[-1].suite.name == "own-toys"
        [refused] = catalog().refused
        assert isinstance(refused, RefusedSuite)
        assert (refused.name, refused.distribution) == ("own-broken", "broken.toml")
        assert "broken.toml: columns[1].metric is 'acuracy'; allowed for classification are" in refused.reason
        assert refused.remedy.endswith("benchmarks/broken.toml")


def test_who_asks_for_a_refused_files_benchmark_hears_why_and_a_visitor_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with installed(tmp_path, broken=FOLDERS.replace('"accuracy"', '"acuracy"')):
        for command in (["evaluate", "constant", "--benchmark"], ["data", "export"]):
            assert main([*command, "own/broken", *([str(tmp_path / "out")] if command[0] == "data" else [])]) == 1
            assert "not used: suite 'own-broken'" in (said := capsys.readouterr().err)
            assert "columns[1].metric is 'acuracy'" in said
        with pytest.raises(UnknownName) as caught:
            find("own/broken")
        assert "acuracy" not in str(caught.value)


def test_without_a_folder_nothing_is_there(tmp_path: Path) -> None:
    with installed(tmp_path) as folder:
        folder.rmdir()
        catalog.cache_clear()
        assert not [each for each in catalog().suites if each.name.startswith("own")]


def test_the_three_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tree(tmp_path / "toys data", ("train", "test"), ("cat", "dog"))
    with installed(tmp_path / "var") as folder:
        assert main(["benchmark", "new", "toys", "--data", str(data)]) == 0
        assert "farfield evaluate METHOD --benchmark own/toys" in capsys.readouterr().out
        assert main(["benchmark", "check", "toys"]) == 0
        catalog.cache_clear()
        assert main(["benchmarks", "own/toys"]) == 0
        assert "is not imported here" in capsys.readouterr().out
        assert main(["benchmark", "new", "toys"]) == 1
        assert "is there already" in capsys.readouterr().err
        (folder / "toys.toml").write_text((folder / "toys.toml").read_text().replace('"accuracy"', '"acuracy"'))
        assert main(["benchmark", "check", "toys"]) != 0
        assert "toys.toml: columns[1].metric is 'acuracy'" in capsys.readouterr().err
        (folder / "toys.toml").write_text((folder / "toys.toml").read_text().replace('"acuracy"', '"accuracy"'))
        catalog.cache_clear()
        assert main(["data", "import", "toys", str(data)]) == 0
        assert "own/toys" in capsys.readouterr().out
        assert main(["benchmarks", "own/toys"]) == 0
        card = capsys.readouterr().out
        assert "Its board is private: operators." in card
        assert "| test/test | 4 |" in card
        assert "8 images of 2 classes" in card
        assert main(["data", "verify", "own/toys"]) == 0
        assert main(["data", "remove", "own/toys", "--yes"]) == 0


@pytest.mark.parametrize("name", ["Toys", "../x", "a--b", ""])
def test_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    with installed(tmp_path) as folder:
        assert main(["benchmark", "new", name]) == 1
        assert list(folder.iterdir()) == []


def test_reading_a_file_needs_nothing_that_decodes_images_or_tables(tmp_path: Path) -> None:
    """The site reads files, and need not have what imports data."""
    with installed(tmp_path, toys=FOLDERS):
        script = (
            "import sys; from farfield_evaluators.catalog import find; find('own/toys');"
            "print({'PIL', 'pyarrow', 'torch'} & set(sys.modules))"
        )
        said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
