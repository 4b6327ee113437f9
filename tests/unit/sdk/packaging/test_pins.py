"""Which wheel was installed is told by tags, and tags that multiply are counted before they are made."""

import time
from pathlib import Path

import pytest

from farfield.packaging.resolution.pins import Pin, installed_wheel

MANY = ".".join(f"a{i}" for i in range(200))


@pytest.mark.parametrize("tag", [f"{MANY}-{MANY}-{MANY}", "py3-none-any", "", "x", "a-b"])
def test_two_kilobytes_of_tags_do_not_make_gibibytes(tmp_path: Path, tag: str) -> None:
    info = tmp_path / "toy-1.0.dist-info"
    info.mkdir()
    (info / "WHEEL").write_bytes(f"Tag: {tag}\n".encode() + b"\xff\n")
    wheels = {"toy-1.0-py3-none-any.whl": "aa", f"toy-1.0-{MANY}-{MANY}-{MANY}.whl": "bb", "toy.whl": "cc"}
    started = time.process_time()
    found = installed_wheel(Pin(name="toy", version="1.0", wheels=wheels), tmp_path)
    assert time.process_time() - started < 1
    assert found == ("aa" if tag == "py3-none-any" else "")
