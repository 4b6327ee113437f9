"""Inspecting packages: each refusal has a real archive that deserves it."""

import base64
import hashlib
import io
import os
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.specimen import SPECIMEN, build_wheel
from tests.wheelhouse import make_wheel, metadata, record, wheel_members, write_sdist, write_wheel

from farfield.errors import PackageError
from farfield.packaging.archive import Bounds, Contents, read_archive
from farfield.packaging.package import inspect_package
from farfield.packaging.versions import Interpreter

INFO = "toy_method-1.0.dist-info"
LINUX = Interpreter(version=(3, 11, 7), platform="linux_x86_64")
SDIST: Mapping[str, bytes] = {
    "toy_method-1.0/PKG-INFO": metadata("toy-method", "1.0", ("numpy",)).encode(),
    "toy_method-1.0/pyproject.toml": b'[project]\nname="toy-method"\n[project.entry-points.farfield]\ntoy="toy"\n',
    "toy_method-1.0/toy_method.py": b"",
}


def refused(path: Path, filename: str | None = None, interpreter: Interpreter = LINUX) -> PackageError:
    with pytest.raises(PackageError) as caught:
        inspect_package(path, filename, interpreter)
    assert len(str(caught.value)) > 20
    return caught.value


def wheel_code(folder: Path, members: Mapping[str, bytes], **changes: Any) -> str:
    return refused(write_wheel(folder, members, **changes)).code


# What is accepted


def test_a_good_wheel(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "toy-method", "1.0", ("numpy>=1", "x; extra == 'y'"), more="Requires-Python: >=3.9\n")
    package = inspect_package(path)
    assert (package.kind, package.filename) == ("wheel", "toy_method-1.0-py3-none-any.whl")
    assert (package.distribution, package.version) == ("toy-method", "1.0")
    assert package.requires == ("numpy>=1", "x; extra == 'y'")
    assert (package.requires_python, package.plugins) == (">=3.9", ("toy-method",))
    assert package.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert package.size == path.stat().st_size


def test_the_specimen_built_by_a_real_backend(tmp_path: Path) -> None:
    package = inspect_package(build_wheel(SPECIMEN, tmp_path))
    assert (package.distribution, package.plugins) == ("farfield-specimen", ("specimen",))


def test_a_good_sdist(tmp_path: Path) -> None:
    package = inspect_package(write_sdist(tmp_path, SDIST))
    assert (package.kind, package.distribution, package.version) == ("sdist", "toy-method", "1.0")
    assert (package.requires, package.plugins) == (("numpy",), ("toy",))


def test_an_sdist_with_folders_and_one_as_a_zip(tmp_path: Path) -> None:
    folder = tarfile.TarInfo("toy_method-1.0")
    folder.type = tarfile.DIRTYPE
    assert inspect_package(write_sdist(tmp_path, {"toy_method-1.0": folder, **SDIST})).plugins == ("toy",)
    assert inspect_package(write_wheel(tmp_path, SDIST, "toy_method-1.0.zip")).kind == "sdist"


@pytest.mark.parametrize("project", [b"", b'[project]\nname="toy-method"\ndynamic=["entry-points"]'])
def test_an_sdist_whose_plugins_only_a_build_would_tell(tmp_path: Path, project: bytes) -> None:
    assert inspect_package(write_sdist(tmp_path, {**SDIST, "toy_method-1.0/pyproject.toml": project})).plugins == ()


def test_the_name_it_was_uploaded_under_counts(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "toy-method").rename(tmp_path / "stored")
    assert inspect_package(path, "toy_method-1.0-py3-none-any.whl").distribution == "toy-method"
    assert refused(path).code == "plugin.not_a_package"


@pytest.mark.parametrize("version", ["1.0-alpha_1", "1!2.0.post1", "1.0+cpu.1", "v1.0", "1.0.0"])
def test_versions_are_compared_as_versions(tmp_path: Path, version: str) -> None:
    spelled = {"1.0-alpha_1": "1.0a1", "v1.0": "1.0", "1.0.0": "1.0"}.get(version, version)
    members = wheel_members("toy-method", spelled)
    members[f"toy_method-{spelled}.dist-info/METADATA"] = metadata("Toy.Method", version).encode()
    path = write_wheel(tmp_path, members, f"toy_method-{spelled}-py3-none-any.whl")
    assert inspect_package(path).version == version


# What is no package


@pytest.mark.parametrize(
    "filename",
    [
        "notes.txt",
        "toy.whl",
        "toy_method-1.0-py3-none.whl",
        "toy_method-1.0-b-py3-none-any.whl",
        "toy_method-one-py3-none-any.whl",
        "-1.0-py3-none-any.whl",
        "toy_method.tar.gz",
        "toy_method-x.tar.gz",
        "a/../toy_method-1.0-py3-none-any.whl",
        "toy_method-1.0-py3-none-any.whl\n",
        "",
    ],
)
def test_names_that_no_package_has(tmp_path: Path, filename: str) -> None:
    assert refused(make_wheel(tmp_path, "toy-method"), filename).code == "plugin.not_a_package"


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + bytes(60), b"\x1f\x8b\x08" + bytes(30), b"MZ" * 99])
@pytest.mark.parametrize("filename", ["toy_method-1.0-py3-none-any.whl", "toy_method-1.0.tar.gz", "toy_method-1.0.zip"])
def test_files_that_are_no_archives(tmp_path: Path, content: bytes, filename: str) -> None:
    (tmp_path / filename).write_bytes(content)
    assert refused(tmp_path / filename).code == "plugin.not_a_package"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_refused_or_harmless_and_never_another_error(tmp_path: Path, data: st.DataObject) -> None:
    sdist = data.draw(st.booleans())
    path = write_sdist(tmp_path, SDIST) if sdist else make_wheel(tmp_path, "toy-method")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        assert inspect_package(path).distribution == "toy-method"
    except PackageError as error:
        assert error.code.startswith("plugin.")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"trailing",
        lambda data: b"#!/bin/sh\n" + data,
        lambda data: data[:-2] + b"\x03\x00abc",
        lambda data: data + data,
    ],
)
def test_a_zip_with_more_than_itself_is_refused(tmp_path: Path, change: Any) -> None:
    path = make_wheel(tmp_path, "toy-method")
    path.write_bytes(change(path.read_bytes()))
    assert refused(path).code == "plugin.not_a_package"


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "toy-method")
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[directory + 8] |= 1
    path.write_bytes(content)
    error = refused(path)
    assert (error.code, "encrypted" in str(error)) == ("plugin.not_a_package", True)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", kind) as opened:
        opened.writestr("a.py", b"a" * 1000)
    assert refused(path).code == "plugin.not_a_package"


# Bombs


def test_ten_megabytes_of_zeros_in_a_few_bytes(tmp_path: Path) -> None:
    members = {**wheel_members(), "toy_data.bin": bytes(10_000_000)}
    assert wheel_code(tmp_path, members) == "plugin.archive_too_large"
    path = write_sdist(tmp_path, {**SDIST, "toy_method-1.0/data": bytes(10_000_000)})
    assert refused(path).code == "plugin.archive_too_large"


def test_zeros_that_come_with_as_much_of_substance_are_no_bomb(tmp_path: Path) -> None:
    members = {**wheel_members(), "toy_data.bin": bytes(10_000_000), "toy_weights.bin": os.urandom(200_000)}
    assert inspect_package(write_wheel(tmp_path, members)).plugins == ("toy-method",)


def test_an_honest_archive_that_is_too_large(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, {f"{n}.bin": os.urandom(1000) for n in range(5)})
    for bounds in (Bounds(total_bytes=4999), Bounds(members=4)):
        with pytest.raises(PackageError) as caught:
            read_archive(path, lambda name: 0, bounds)
        assert caught.value.code == "plugin.archive_too_large"


def test_too_many_members(tmp_path: Path) -> None:
    bounds = Bounds(members=10)
    many = {f"toy_method-1.0/{n}": b"" for n in range(12)}
    for path in (write_sdist(tmp_path, many), write_wheel(tmp_path, many)):
        with pytest.raises(PackageError, match="more than 10 members"):
            read_archive(path, lambda name: 0, bounds)


def lie(path: Path, member: str, *, size: int, crc: int | None = None) -> None:
    """Write another size, and another checksum, into both headers of a member."""
    content = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = content.index(member.encode(), content.index(magic)) - (30 if magic[2] == 3 else 46)
        if content[place : place + 4] != magic:
            place = content.rindex(member.encode()) - 46
        if crc is not None:
            content[place + at : place + at + 4] = struct.pack("<L", crc)
        content[place + at + 8 : place + at + 12] = struct.pack("<L", size)
    path.write_bytes(content)


@pytest.mark.parametrize("honest_checksum", [True, False])
def test_a_bomb_whose_headers_lie_about_its_size(tmp_path: Path, honest_checksum: bool) -> None:
    """zipfile stops at the size that a header claims; another program may not."""
    path = write_wheel(tmp_path, {"bomb.bin": bytes(50_000_000)})
    lie(path, "bomb.bin", size=10, crc=None if honest_checksum else zlib.crc32(bytes(10)))
    assert refused(path).code == "plugin.archive_too_large"


def test_a_small_lie_about_a_size(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, {"data.bin": bytes(1000)})
    lie(path, "data.bin", size=10, crc=zlib.crc32(bytes(10)))
    assert refused(path).code == "plugin.not_a_package"


def test_members_that_share_their_bytes(tmp_path: Path) -> None:
    """The trick of the bombs that are not nested: many entries of the directory name one place."""
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a.py", b"x" * 500)
        opened.filelist.append(opened.getinfo("a.py"))
    assert refused(path).code == "plugin.not_a_package"


def test_two_headers_that_disagree_about_a_name(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, {"safe.py": b"x"})
    content = path.read_bytes()
    path.write_bytes(content.replace(b"safe.py", b"evil.py", 1))
    assert refused(path).code == "plugin.not_a_package"


def test_a_member_hidden_from_the_directory(tmp_path: Path) -> None:
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a.py", b"x" * 50)
        opened.writestr("hidden.py", b"x" * 50)
        opened.writestr("c.py", b"x" * 50)
        del opened.filelist[1]
    assert refused(path).code == "plugin.not_a_package"


def test_metadata_of_more_than_a_mebibyte(tmp_path: Path) -> None:
    members = wheel_members()
    members[f"{INFO}/METADATA"] += os.urandom(2 << 20).hex().encode()
    assert wheel_code(tmp_path, members) == "plugin.archive_too_large"


def test_an_extra_tar_header_that_would_be_read_whole(tmp_path: Path) -> None:
    info = tarfile.TarInfo("toy_method-1.0/a")
    info.pax_headers = {"comment": os.urandom(1 << 20).hex()}
    path = tmp_path / "toy_method-1.0.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as opened:
        opened.addfile(info)
    assert refused(path).code == "plugin.archive_too_large"


# Paths and links

UNSAFE = [
    "../evil.py",
    "a/../../evil.py",
    "/etc/passwd",
    "C:/evil.py",
    "a\\b.py",
    "a//b.py",
    "./a.py",
    "a/./b.py",
    "a\nb.py",
    "a\x1bb.py",
    "x" * 2000,
]


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names(tmp_path: Path, name: str) -> None:
    assert wheel_code(tmp_path, {**wheel_members(), name: b""}) == "plugin.unsafe_path"
    assert refused(write_sdist(tmp_path, {**SDIST, name: b""})).code == "plugin.unsafe_path"


@pytest.mark.parametrize("name", ["a.py", "A.py", "a.py/b.py"])
def test_two_members_for_one_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *args, **kwargs: None)
        opened.writestr("a.py", b"1")
        opened.writestr(name, b"2")
    assert refused(path).code == "plugin.unsafe_path"


def test_two_members_of_one_name_in_a_tar(tmp_path: Path) -> None:
    path = tmp_path / "toy_method-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as opened:
        for _ in range(2):
            opened.addfile(tarfile.TarInfo("toy_method-1.0/a"))
    assert refused(path).code == "plugin.unsafe_path"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    info = zipfile.ZipInfo("link")
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr(info, "/etc/passwd")
    assert refused(path).code == "plugin.link"


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.GNUTYPE_SPARSE,
        b"Z",
    ],
)
def test_links_devices_and_oddities_in_a_tar(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("toy_method-1.0/link")
    info.type = kind
    info.linkname = "/etc/passwd"
    assert refused(write_sdist(tmp_path, {**SDIST, "link": info})).code == "plugin.link"


# Metadata


@pytest.mark.parametrize(
    ("member", "content", "code"),
    [
        ("METADATA", None, "plugin.bad_metadata"),
        ("METADATA", metadata("other", "1.0"), "plugin.bad_metadata"),
        ("METADATA", metadata("toy-method", "2.0"), "plugin.bad_metadata"),
        ("METADATA", "Name: toy-method\nName: x\nVersion: 1.0\n", "plugin.bad_metadata"),
        ("METADATA", metadata("toy-method", "1.0", ("; x",)), "plugin.bad_metadata"),
        ("METADATA", b"\xff\xfe", "plugin.bad_metadata"),
        ("METADATA", metadata("toy-method", "1.0", more="Requires-Python: snakes\n"), "plugin.bad_metadata"),
        ("METADATA", metadata("toy-method", "1.0", more="Requires-Python: >=4\n"), "plugin.wrong_python"),
        ("METADATA", metadata("toy-method", "1.0", more="Requires-Python: <3.11\n"), "plugin.wrong_python"),
        ("METADATA", metadata("toy-method", "1.0", more="Requires-Python: !=3.11.*\n"), "plugin.wrong_python"),
        ("METADATA", metadata("toy-method", "1.0", more="Requires-Python: ~=3.12\n"), "plugin.wrong_python"),
        ("WHEEL", None, "plugin.bad_metadata"),
        ("WHEEL", "Wheel-Version: 2.0\n", "plugin.bad_metadata"),
        ("entry_points.txt", None, "plugin.no_entry_point"),
        ("entry_points.txt", "[console_scripts]\na = b:c\n", "plugin.no_entry_point"),
        ("entry_points.txt", "[farfield]\n# a = b\n", "plugin.no_entry_point"),
        ("entry_points.txt", "[farfield]\na = toy_method\na = toy_method\n", "plugin.duplicate_entry_point"),
        ("entry_points.txt", "[farfield]\na=toy_method\n[x]\n[farfield]\na = b\n", "plugin.duplicate_entry_point"),
        ("entry_points.txt", "[farfield]\nnonsense\n", "plugin.bad_metadata"),
        ("entry_points.txt", "[farfield]\na = ../b\n", "plugin.bad_metadata"),
        ("entry_points.txt", "[farfield]\na = toy_methods\n", "plugin.broken_import"),
        ("entry_points.txt", "[farfield]\na = toy_method.plugin:x\n", "plugin.broken_import"),
    ],
)
def test_metadata_that_is_not_as_it_must_be(tmp_path: Path, member: str, content: Any, code: str) -> None:
    members = wheel_members()
    members[f"{INFO}/{member}"] = content.encode() if isinstance(content, str) else content
    if content is None:
        del members[f"{INFO}/{member}"]
    assert wheel_code(tmp_path, members) == code


@pytest.mark.parametrize(
    "place", ["toy_method/plugin.py", "toy_method/plugin/__init__.py", "toy_method/plugin.abi3.so"]
)
@pytest.mark.parametrize("root", ["", "toy_method-1.0.data/purelib/", "toy_method-1.0.data/platlib/"])
def test_where_an_entry_points_module_may_lie(tmp_path: Path, place: str, root: str) -> None:
    members = wheel_members(points="[farfield]\na = toy_method.plugin:methods [extra]\n")
    members[f"{root}{place}"] = b""
    assert inspect_package(write_wheel(tmp_path, members)).plugins == ("a",)


@pytest.mark.parametrize(
    "name",
    [
        "evil.pth",
        "toy_method-1.0.data/purelib/evil.pth",
        "numpy/__init__.py",
        "toy_method-1.0.data/platlib/torch/__init__.py",
        "farfield/extra.py",
        "farfield_evaluators/x.py",
        "sitecustomize.py",
        "usercustomize/__init__.py",
        "json.py",
        "random.cpython-311-x86_64-linux-gnu.so",
        "toy_method-1.0.data/data/sitecustomize.py",
        "toy_method-1.0.data/data/farfield/runner.py",
        "toy_method-1.0.data/data/evil.pth",
        "toy_method-1.0.data/data/farfield-9.0.dist-info/METADATA",
        "toy_method-1.0.data/purelib/toy_method-1.0.dist-info/entry_points.txt",
        "toy_method-1.0.data/platlib/other.egg-info/PKG-INFO",
        "toy_method-1.0.data/data/toy_method.py",
        "toy_method-1.0.data/purelib/TOY_METHOD.py",
    ],
)
def test_files_that_would_replace_the_platforms_own(tmp_path: Path, name: str) -> None:
    assert wheel_code(tmp_path, {**wheel_members(), name: b""}) == "plugin.unsafe_path"


def test_a_part_of_the_data_folder_that_no_installer_knows(tmp_path: Path) -> None:
    members = {**wheel_members(), "toy_method-1.0.data/nonsense/x.py": b""}
    assert wheel_code(tmp_path, members) == "plugin.bad_metadata"


def test_data_scripts_and_headers_that_replace_nothing_are_fine(tmp_path: Path) -> None:
    places = ("data/share/weights.bin", "scripts/run", "scripts/json.py", "headers/toy.h")
    members = {**wheel_members(), **{f"toy_method-1.0.data/{place}": b"" for place in places}}
    assert inspect_package(write_wheel(tmp_path, members)).plugins


def test_the_platforms_own_name(tmp_path: Path) -> None:
    error = refused(make_wheel(tmp_path, "farfield", module=""))
    assert (error.code, "give the package another" in str(error)) == ("plugin.unsafe_path", True)


def test_a_module_that_only_begins_like_one_of_them_is_fine(tmp_path: Path) -> None:
    members = {**wheel_members(), "numpy_helpers.py": b"", "toy_method/json.py": b"", "farfield_x/y.pth": b""}
    assert inspect_package(write_wheel(tmp_path, members)).plugins


@pytest.mark.parametrize("infos", [[], [INFO, "other-1.0.dist-info"], ["other-1.0.dist-info"]])
def test_other_than_one_dist_info_of_the_right_name(tmp_path: Path, infos: list[str]) -> None:
    whole = wheel_members()
    members = {name: data for name, data in whole.items() if not name.startswith(INFO)}
    for info in infos:
        members |= {f"{info}/{n.rpartition('/')[2]}": d for n, d in whole.items() if n.startswith(INFO)}
    expected = "plugin.bad_metadata" if len(infos) == 1 else "plugin.not_a_package"
    assert wheel_code(tmp_path, members) == expected


def digest_line(name: str, data: bytes, kind: str = "sha256") -> str:
    value = base64.urlsafe_b64encode(hashlib.new(kind, data).digest()).rstrip(b"=").decode()
    return f"{name},{kind}={value},{len(data)}\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda text, name, data: text.replace(digest_line(name, data), digest_line(name, data + b"x")),
        lambda text, name, data: text.replace(digest_line(name, data), digest_line(name, data, "md5")),
        lambda text, name, data: text.replace(digest_line(name, data), f"{name},,\n"),
        lambda text, name, data: text.replace(digest_line(name, data), ""),
        lambda text, name, data: text + digest_line(name, data),
        lambda text, name, data: text + digest_line("absent.py", data),
        lambda text, name, data: text + "x,sha256=!\u00e9!,1\n",
        lambda text, name, data: text + '"unclosed',
    ],
)
def test_a_record_that_does_not_tell_the_truth(tmp_path: Path, change: Any) -> None:
    members = wheel_members()
    true = record(members, INFO).decode()
    members[f"{INFO}/RECORD"] = change(true, "toy_method.py", members["toy_method.py"]).encode()
    assert wheel_code(tmp_path, members) == "plugin.bad_metadata"


def test_no_record(tmp_path: Path) -> None:
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as opened:
        for name, data in wheel_members().items():
            opened.writestr(name, data)
    assert refused(path).code == "plugin.bad_metadata"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"toy_method-1.0/PKG-INFO": SDIST["toy_method-1.0/PKG-INFO"]}, "plugin.bad_metadata"),
        ({"toy_method-1.0/pyproject.toml": b""}, "plugin.bad_metadata"),
        ({**SDIST, "other/file": b""}, "plugin.not_a_package"),
        ({**SDIST, "file": b""}, "plugin.not_a_package"),
        ({}, "plugin.not_a_package"),
        ({**SDIST, "toy_method-1.0/pyproject.toml": b"[project"}, "plugin.bad_metadata"),
        ({**SDIST, "toy_method-1.0/pyproject.toml": b"[project]"}, "plugin.no_entry_point"),
        ({**SDIST, "toy_method-1.0/pyproject.toml": b"[project]\nentry-points=3"}, "plugin.bad_metadata"),
        (
            {**SDIST, "toy_method-1.0/pyproject.toml": b"[project.entry-points.farfield]\na='b'\na='c'"},
            "plugin.bad_metadata",
        ),
        ({**SDIST, "toy_method-1.0/PKG-INFO": metadata("other", "1.0").encode()}, "plugin.bad_metadata"),
        (
            {**SDIST, "toy_method-1.0/PKG-INFO": metadata("toy-method", "1.0", (), "Requires-Python: <3\n").encode()},
            "plugin.wrong_python",
        ),
    ],
)
def test_sdists_that_are_not_as_they_must_be(tmp_path: Path, members: Mapping[str, bytes], code: str) -> None:
    assert refused(write_sdist(tmp_path, members)).code == code


# Platforms


@pytest.mark.parametrize(
    ("tags", "fits"),
    [
        ("py3-none-any", True),
        ("py2.py3-none-any", True),
        ("py311-none-any", True),
        ("py312-none-any", False),
        ("py2-none-any", False),
        ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", True),
        ("cp311-cp311-linux_x86_64", True),
        ("cp38-abi3-manylinux_2_28_x86_64", True),
        ("cp312-abi3-manylinux_2_28_x86_64", False),
        ("cp310-cp310-manylinux_2_17_x86_64", False),
        ("cp311-cp311t-manylinux_2_17_x86_64", False),
        ("cp310.cp311-none-any", True),
        ("pp311-pypy311_pp73-manylinux_2_17_x86_64", False),
        ("cp311-cp311-manylinux_2_17_aarch64", False),
        ("cp311-cp311-musllinux_1_1_x86_64", False),
        ("cp311-cp311-win_amd64", False),
        ("cp311-cp311-macosx_11_0_arm64", False),
        ("nonsense", False),
    ],
)
def test_which_wheels_fit_a_cpython_on_linux(tags: str, fits: bool) -> None:
    assert LINUX.accepts(tags) is fits


def test_a_wheel_for_another_platform(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, filename="toy_method-1.0-cp311-cp311-win_amd64.whl")
    error = refused(path)
    assert error.code == "plugin.wrong_platform"
    assert "here it is Python 3.11.7 on linux_x86_64; build it there, or submit the sdist" in str(error)


def test_this_interpreter_takes_its_own_wheels() -> None:
    here = Interpreter.current()
    major, minor = sys.version_info[:2]
    assert here.accepts(f"cp{major}{minor}-cp{major}{minor}-{here.platform}")
    assert here.accepts("py3-none-any")


def test_nothing_is_written_and_nothing_imported(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "toy-method", module="raise SystemExit('imported')")
    inspect_package(path)
    assert list(tmp_path.iterdir()) == [path]
    assert "toy_method" not in sys.modules


def test_the_contents_are_what_the_archive_holds(tmp_path: Path) -> None:
    files = {"a/b.txt": os.urandom(300_000), "c": b"", "d": b"x" * 70_000}
    digests = {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()}
    for path in (write_sdist(tmp_path, files), write_wheel(tmp_path, files)):
        contents = read_archive(path, lambda name: 10 * (name == "c"))
        assert contents == Contents(files=digests, texts={"c": b""})


def test_a_member_written_as_a_stream(tmp_path: Path) -> None:
    """Its sizes follow its data, as `zip -` and some backends write them."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    members = wheel_members()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in {**members, f"{INFO}/RECORD": record(members, INFO)}.items():
            opened.writestr(name, data)
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    path.write_bytes(pipe.data)
    assert inspect_package(path).plugins == ("toy-method",)
