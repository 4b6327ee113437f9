"""A submitted container image runs the same runner contract: inspected, then evaluated, behind the same wall."""

import io
import os
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sandbox.conftest import isolating
from tests.toyplugin import install_toy_plugin
from tests.unit.workers.conftest import Recorder

from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell
from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.failures import RunFailure
from farfield_workers.inspection import Candidate, inspect
from farfield_workers.installed import Installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Sandbox
from farfield_workers.sandbox.docker import docker_client

pytestmark = pytest.mark.docker
PACKAGES = ("farfield", "numpy", "numpy.libs", "PIL", "pillow.libs", "pluggy")
LIBRARIES = (
    *("libc.so.6", "libm.so.6", "libz.so.1", "libdl.so.2", "libpthread.so.0", "libutil.so.1", "libstdc++.so.6"),
    *("libgcc_s.so.1", "libffi.so.8", "librt.so.1", "libbz2.so.1.0", "liblzma.so.5", "libcrypt.so.1"),
)


@pytest.fixture(scope="module")
def image(base: BaseEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image made from an archive of this host's own interpreter, as a person would build theirs."""
    plugins = install_toy_plugin(tmp_path_factory.mktemp("plugins"))
    with docker_client() as client:
        python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        changes = [f'ENTRYPOINT ["{python}", "-m", "farfield.runner"]', "ENV PYTHONPATH=/app"]
        made = client.api.import_image_from_data(
            _archive(base, plugins, python), repository="farfield-test-image", tag=str(os.getpid()), changes=changes
        )
        assert "error" not in made
        name = f"farfield-test-image:{os.getpid()}"
        yield str(client.images.get(name).id)
        client.images.remove(name, force=True)


def _archive(base: BaseEnvironment, plugins: Path, python: Path) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for path, name in _files(base, plugins, python):
            archive.add(path, str(name), recursive=path.is_dir() and not path.is_symlink(), filter=_without_extras)
    return made.getvalue()


def _files(base: BaseEnvironment, plugins: Path, python: Path) -> Iterator[tuple[Path, object]]:
    """(file or folder, its place in the image)"""
    yield python.resolve(), python
    yield python.parents[1] / "lib" / python.name, python.parents[1] / "lib" / python.name
    for path in (
        *(base.folder / name for name in PACKAGES),
        *plugins.iterdir(),
        *base.folder.glob("farfield-*.dist-info"),
    ):
        yield path, f"/app/{path.name}"
    for folder in (Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib/aarch64-linux-gnu")):
        for path in (folder / library for library in LIBRARIES):
            if path.exists():
                yield path.resolve(), path
    shared = python.parents[1] / "lib" / f"lib{python.name}.so.1.0"
    for path in (Path("/lib"), Path("/lib64"), *([shared] if shared.exists() else [])):
        yield path, path
    for loader in Path("/usr/lib64").glob("ld-linux*"):
        yield loader.resolve(), loader


def _without_extras(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    skipped = ("site-packages", "/test/", "__pycache__", "idlelib", "tkinter", "ensurepip", "config-3")
    return None if any(part in info.name for part in skipped) else info


@pytest.fixture(scope="module")
def docker(base: BaseEnvironment) -> Sandbox:
    return isolating("docker", base)


def test_an_image_is_inspected_and_evaluated(docker: Sandbox, image: str, pack: Pack, tmp_path: Path) -> None:
    candidate = Candidate(distribution="", method="toy-brightness", config={"shift": 0}, image=image)
    described = inspect(docker, candidate, tmp_path, Recorder())
    assert described["distribution"] == "farfield-toy"
    request = Request(
        benchmark=find("imagenet-ood/mini"),
        pack=pack,
        runnable=Runnable(description=described, image=image),
        cell=Cell(at={"trial": 0}, seed=1),
    )
    evaluated = Evaluator(Installed(methods={}, backbones={}), docker, tmp_path).run(request, Recorder())
    assert {(s.metric, s.domain): s.value for s in evaluated.evidence.figures}["accuracy", "shifts"] == 1
    assert evaluated.probes["deterministic"]


def test_an_image_that_is_not_here_is_refused(docker: Sandbox, tmp_path: Path) -> None:
    candidate = Candidate(distribution="", method="", config={}, image="sha256:" + "0" * 64)
    with pytest.raises(RunFailure, match="has loaded no image") as caught:
        inspect(docker, candidate, tmp_path, Recorder())
    assert caught.value.code == "plugin.image_unavailable"


def test_an_image_with_several_methods_wants_one_named(docker: Sandbox, image: str, tmp_path: Path) -> None:
    with pytest.raises(RunFailure, match="name one of them") as caught:
        inspect(docker, Candidate(distribution="", method="", config={}, image=image), tmp_path, Recorder())
    assert caught.value.code == "plugin.which_method"


def test_an_image_whose_entry_point_is_no_program_is_its_authors_to_mend(docker: Sandbox, tmp_path: Path) -> None:
    empty = io.BytesIO()
    tarfile.open(fileobj=empty, mode="w").close()
    name = f"farfield-test-empty:{os.getpid()}"
    with docker_client() as client:
        repository, tag = name.split(":")
        client.api.import_image_from_data(
            empty.getvalue(), repository=repository, tag=tag, changes=['ENTRYPOINT ["/nothing"]']
        )
        try:
            candidate = Candidate(distribution="", method="", config={}, image=str(client.images.get(name).id))
            with pytest.raises(RunFailure, match="entry point cannot be started") as caught:
                inspect(docker, candidate, tmp_path, Recorder())
        finally:
            client.images.remove(name, force=True)
    assert caught.value.code == "plugin.image_unavailable"
    assert not caught.value.infrastructure
