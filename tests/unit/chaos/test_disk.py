"""Where nothing can be mounted, the tool says so and goes on."""

from pathlib import Path

import pytest
from chaos.disk import no_disk, private_mounts


def test_only_root_gets_a_small_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert private_mounts() is False


def test_no_disk_says_no(tmp_path: Path) -> None:
    with no_disk(tmp_path) as mounted:
        assert not mounted
