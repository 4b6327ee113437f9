"""Packages whose parsing costs more than they weigh, and codes that name the cause."""

import io
import re
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.wheelhouse import metadata, wheel_members, write_sdist, write_wheel

from farfield.errors import PackageError
from farfield.packaging.apart import MIB, Limits
from farfield.packaging.intake import look_into_package
from farfield.packaging.package import inspect_package
from farfield.packaging.versions import Interpreter, normal_version, python_is_in

POINTS = "[project.entry-points.farfield]\ntoy = 'toy'\n"
INFO = "toy_method-1.0.dist-info"


@contextmanager
def refused(code: str, within: float = 2.0) -> Iterator[None]:
    started = time.process_time()
    with pytest.raises(PackageError) as caught:
        yield
    assert caught.value.code == code, str(caught.value)
    assert time.process_time() - started < within


def sdist_with(tmp_path: Path, pyproject: str, more: str = "") -> Path:
    members = {
        "toy_method-1.0/PKG-INFO": metadata("toy-method", "1.0", (), more).encode(),
        "toy_method-1.0/pyproject.toml": pyproject.encode(),
    }
    return write_sdist(tmp_path, members)


@pytest.mark.parametrize(
    "pyproject",
    [
        ".".join(["a"] * 16_000) + " = 1",
        "a = " + "[" * 5000,
        "a = " + "9" * 5000,
        "[project.entry-points.farfield]\n" + "".join(f"p{i} = 'm'\n" for i in range(5000)),
        f"[project.entry-points.farfield]\n'{'x' * 10_000}' = 'm'\n",
        "[project.entry-points.farfield]\n'a\u202eb' = 'm'\n",
    ],
)
def test_a_pyproject_that_costs_more_than_it_weighs(tmp_path: Path, pyproject: str) -> None:
    with refused("plugin.bad_metadata"):
        inspect_package(sdist_with(tmp_path, pyproject))


def test_what_an_sdist_is_built_with_is_read_once_and_in_the_child(tmp_path: Path) -> None:
    built = sdist_with(tmp_path, "[build-system]\nrequires = ['hatchling', 'numpy>=1']\n" + POINTS)
    assert look_into_package(built).build_requires == ("hatchling", "numpy>=1")
    assert inspect_package(sdist_with(tmp_path, POINTS)).build_requires == ("setuptools>=40.8.0",)


@pytest.mark.parametrize("requires", ["3", "['a', 1]", "['a\\u202e']", f"['{'x' * 2000}']", "[" + "'a'," * 5000 + "]"])
def test_build_requirements_that_are_no_short_list_of_texts(tmp_path: Path, requires: str) -> None:
    with refused("plugin.bad_metadata"):
        inspect_package(sdist_with(tmp_path, f"[build-system]\nrequires = {requires}\n".replace("'", '"') + POINTS))


@pytest.mark.parametrize("specifier", [f">={'9' * 5000}", f">=3.{'9' * 5000}", ",".join([">=3"] * 5000)])
def test_a_requires_python_of_5000_digits(tmp_path: Path, specifier: str) -> None:
    assert python_is_in(specifier, (3, 11, 0)) is None
    with refused("plugin.bad_metadata"):
        inspect_package(sdist_with(tmp_path, "", f"Requires-Python: {specifier}\n"))


@pytest.mark.parametrize("version", ["1" * 5000, "1." * 5000 + "0", f"1!{'1' * 5000}", f"1.dev{'1' * 5000}"])
def test_a_version_of_5000_digits(tmp_path: Path, version: str) -> None:
    assert normal_version(version) is None
    members = wheel_members()
    members[f"{INFO}/METADATA"] = metadata("toy-method", version).encode()
    with refused("plugin.bad_metadata"):
        inspect_package(write_wheel(tmp_path, members))


def test_5000_entry_points_and_3000_files(tmp_path: Path) -> None:
    points = "[farfield]\n" + "".join(f"p{i} = toy_method\n" for i in range(5000))
    files = {f"toy_method_{i}.abi3.so": b"" for i in range(3000)}
    with refused("plugin.bad_metadata"):
        inspect_package(write_wheel(tmp_path, {**wheel_members(points=points), **files}))


def test_as_many_entry_points_as_may_be_among_many_files(tmp_path: Path) -> None:
    points = "[farfield]\n" + "".join(f"p{i} = toy_method_{i}\n" for i in range(100))
    files = {f"toy_method_{i}.cpython-311-x86_64-linux-gnu.so": b"" for i in range(3000)}
    found = inspect_package(write_wheel(tmp_path, {**wheel_members(points=points), **files}))
    assert len(found.plugins) == 100


def test_a_thousand_requirements(tmp_path: Path) -> None:
    with refused("plugin.bad_metadata"):
        inspect_package(write_wheel(tmp_path, wheel_members(requires=("numpy",) * 1000)))


def test_folders_upon_folders(tmp_path: Path) -> None:
    deep = {f"{'a/' * 500}{i}.py": b"" for i in range(50)}
    with refused("plugin.unsafe_path"):
        inspect_package(write_wheel(tmp_path, {**wheel_members(), **deep}))


def test_a_zip_directory_of_a_million_entries(tmp_path: Path) -> None:
    """Bounded before `zipfile` makes an object of each entry; the record at the end may understate their number."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * 1_000_000
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    for stated in (1, 0xFFFF):
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, stated, stated, len(directory), len(local), 0)
        path = tmp_path / "toy_method-1.0-py3-none-any.whl"
        path.write_bytes(local + directory + end)
        with refused("plugin.archive_too_large"):
            inspect_package(path)


def test_a_zip64_directory_is_not_followed(tmp_path: Path) -> None:
    path = write_wheel(tmp_path)
    data = bytearray(path.read_bytes())
    data[-6:-2] = b"\xff" * 4
    path.write_bytes(bytes(data))
    with refused("plugin.archive_too_large"):
        inspect_package(path)


@pytest.mark.parametrize("filename", ["toy_method-1.0-py3-none-any (1).whl", "toy_method-1.0-py3-none-any copy.whl"])
def test_a_renamed_wheel_is_not_one_for_another_platform(tmp_path: Path, filename: str) -> None:
    path = write_wheel(tmp_path)
    with pytest.raises(PackageError, match="was renamed") as caught:
        inspect_package(path, filename)
    assert caught.value.code == "plugin.not_a_package"


# What is left is for the child: the same file, looked into apart, never costs more than its limits.


def _many_headers(tmp_path: Path) -> Path:
    more = "".join(f"X-{i}: {i}\n" for i in range(60_000))
    return write_wheel(tmp_path, {**wheel_members(more=more), f"{INFO}/filler": bytes(range(256)) * 8000})


def _pax_headers(tmp_path: Path) -> Path:
    members = {f"toy_method-1.0/{i}{'x' * 200}": b"" for i in range(500)}
    return write_sdist(tmp_path, members)


@pytest.mark.parametrize("make", [_many_headers, _pax_headers])
def test_whatever_it_holds_it_is_refused_within_the_limits(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    try:
        look_into_package(make(tmp_path), limits=Limits(memory_bytes=128 * MIB, cpu_seconds=5))
    except PackageError as error:
        assert re.match(r"plugin\.|resources\.inspection", error.code)


def test_too_costly_is_one_code(tmp_path: Path) -> None:
    with refused("resources.inspection", within=5):
        look_into_package(_many_headers(tmp_path), limits=Limits(memory_bytes=1 * MIB))


def test_apart_and_here_say_the_same(tmp_path: Path) -> None:
    good, there = write_wheel(tmp_path), Interpreter(version=(3, 12, 1), platform="linux_x86_64")
    assert look_into_package(good, None, there) == inspect_package(good, None, there)
    bad = write_wheel(tmp_path / "bad", {**wheel_members(), "sitecustomize.py": b""})
    messages = []
    for look in (look_into_package, inspect_package):
        with pytest.raises(PackageError) as caught:
            look(bad)
        messages.append((caught.value.code, str(caught.value)))
    assert messages[0] == messages[1]


def test_only_an_archive_is_looked_into(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w"):
        pass
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    for content in (b"", b"PK", b"PK\x03\x04", b"\x1f\x8b", buffer.getvalue()):
        path.write_bytes(content)
        with refused("plugin.not_a_package"):
            look_into_package(path)
