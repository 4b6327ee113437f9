"""`farfield data verify`, `list`, `repair` and `remove`, as an operator types them."""

from pathlib import Path

import pytest

from farfield.cli import main
from farfield_evaluators.data.packs import open_pack

STYLES = "domainbed/styles"


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Path:
    monkeypatch.setenv("FARFIELD_VAR", str(tmp_path))
    assert main(["data", "import", STYLES]) == 0
    assert main(["data", "import", "farfield-mini"]) == 0
    capsys.readouterr()
    return tmp_path / "packs"


def test_damage_of_one_pack_hides_no_other_from_verify_and_list(packs: Path, capsys: pytest.CaptureFixture) -> None:
    pack = open_pack(packs, STYLES)
    pack.blob.write_bytes(pack.blob.read_bytes()[:1000])
    for verb, other in (("verify", "farfield-mini 2496ef1f94209b826732d9a8d772d3dc: intact"), ("list", "Photographs")):
        assert main(["data", verb]) == 1
        out, err = capsys.readouterr()
        assert other in out
        assert "inputs/images.bin is cut short: 1,000 of" in err
        assert f"`farfield data repair {STYLES}`" in err


def test_damage_is_repaired_by_command_without_a_path_for_shipped_data(packs: Path, capsys) -> None:
    pack = open_pack(packs, STYLES)
    (pack.folder / "hidden" / "labels.npy").write_bytes(b"")
    assert main(["data", "repair", STYLES]) == 0
    assert capsys.readouterr().out == f"{STYLES} {pack.fingerprint}: repaired\n"
    assert main(["data", "verify", STYLES]) == 0


def test_removing_asks_and_needs_an_answer(packs: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = open_pack(packs, STYLES)
    for answer, gone in (("n", False), ("", False), ("yes", True)):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert main(["data", "remove", STYLES]) == (0 if gone else 1)
        assert pack.folder.exists() is not gone
        assert f"{STYLES} {pack.fingerprint}" in capsys.readouterr().out

    def closed(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", closed)
    assert main(["data", "remove", "farfield-mini"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert main(["data", "remove", "2496ef1f94209b826732d9a8d772d3dc", "--yes"]) == 0
    assert list(packs.iterdir()) == []
    assert main(["data", "remove", "farfield-mini", "--yes"]) == 1
    assert "no pack here has the name or the fingerprint 'farfield-mini'" in capsys.readouterr().err
