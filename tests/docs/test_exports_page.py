"""The page on exports: its command checks a result that is signed here, and its codes are all there are."""

import hashlib
import re
import shlex
from pathlib import Path

import pytest
from tests.docs.test_documents import ROOT, blocks
from tests.unit.evaluators.attestation.made import PREDICTIONS, Signing

from farfield.cli import main
from farfield_evaluators import attestation

PAGE = "docs/exports.md"


def test_the_documented_check_believes_a_result_of_these_predictions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Signing(folder=tmp_path)
    site.result({"predictions": hashlib.sha256(PREDICTIONS).hexdigest()})
    site.listed()
    (tmp_path / "mine.npz").write_bytes(PREDICTIONS)
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks("console") if block.document == PAGE for line in block.text.splitlines()]
    (command,) = (line for line in lines if line.startswith("$ farfield verify"))
    assert main(shlex.split(command)[2:]) == 0
    assert "mine.npz is the one" in capsys.readouterr().out


def test_every_code_is_in_the_table() -> None:
    documented = re.findall(r"^\| `(attestation\.\w+)`", (ROOT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    sources = Path(attestation.__file__).parent.glob("*.py")
    raised = {code for path in sources for code in re.findall(r'NotBelieved\(\s*"(\w+)"', path.read_text("utf-8"))}
    assert sorted(documented) == sorted(f"attestation.{code}" for code in raised)
