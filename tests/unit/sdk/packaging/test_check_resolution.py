"""`farfield check` and a worker's build say the same about what a package needs, in the same words."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.commands import run_here
from tests.wheelhouse import PLUGIN, make_wheel, served, write_sdist

from farfield.packaging.package import inspect_package
from farfield.packaging.resolution.base import Base, BaseError
from farfield.packaging.resolution.bases import bundled, of_site
from farfield.packaging.resolution.command import explanation
from farfield_workers.base_environment import installed_versions
from farfield_workers.failures import RunFailure
from farfield_workers.packages.build import build
from farfield_workers.packages.settings import BuildSettings
from farfield_workers.sandbox.process import ProcessSandbox

NOWHERE = "http://127.0.0.1:9/simple"
BASE = bundled()
TORCH = BASE.versions["torch"]


class Silent:
    def log(self, text: str) -> None:
        pass

    def alive(self) -> None:
        pass


def check(*arguments: str, index: str = NOWHERE, **environment: str) -> tuple[int, str, str]:
    # Without uv's cache: it knows indexes by their address, and another test's had the same port.
    alone = {"UV_DEFAULT_INDEX": index, "UV_HTTP_RETRIES": "0", "UV_NO_CACHE": "1"}
    status, said, complaints = run_here("check", *arguments, environment={**os.environ, **alone, **environment})
    assert "Traceback" not in complaints
    return status, said, complaints


def of_worker(wheel: Path, home: Path, *indexes: str, base: Base = BASE) -> tuple[str, str]:
    """The code and the sentence of a worker's build; ("", "") when it goes well."""
    settings = BuildSettings(indexes=indexes, seconds=120)
    try:
        build(wheel, inspect_package(wheel), base, home, ProcessSandbox(), settings, Silent())
    except RunFailure as failure:
        return failure.code, failure.message
    return "", ""


@pytest.mark.parametrize(
    "requirement",
    [
        "numpy>=99",
        "numpy<2",
        f"torch=={TORCH}.1",
        "numpy @ git+https://example.org/numpy",
        "numpy @ https://example.org/numpy-3.0-py3-none-any.whl",
        "numpy>=99; python_version >= '3'",
        "numpy[extra]>=99",
        "dep-a>=7",
        "dep-a>1,<2",
        "dep-b",
        "nowhere-to-be-found",
        "only-sdist",
        "dep-a ~= 'x'",
        "numpy; python_version ~= 'x'",
        "numpy; nonsense == '1'",
        "numpy==1.0; extra == ",
        "dep-a===newest",
        "dep-a<99999999999999999999",
        "dep-a[fast_]",
    ],
)
def test_two_doors_check_refuses_what_the_site_refuses_in_the_same_words(tmp_path: Path, requirement: str) -> None:
    index = tmp_path / "index"
    make_wheel(index, "dep-a", "1.0")
    make_wheel(index, "dep-a", "3.0b1")
    make_wheel(index, "dep-b", "1.0", ("numpy>=99",))
    sdist = index / "simple" / "only-sdist"
    write_sdist(sdist, {"only_sdist-1.0/PKG-INFO": b"x"}, "only_sdist-1.0.tar.gz")
    (sdist / "index.html").write_text('<a href="only_sdist-1.0.tar.gz">only_sdist-1.0.tar.gz</a>')
    wheel = make_wheel(tmp_path, "toy-method", requires=(requirement,))
    with served(index) as (address, _):
        code, message = of_worker(wheel, tmp_path / "home", address)
        status, _, complaints = check(str(wheel), index=address)
    assert code in {"plugin.dependencies", "plugin.bad_metadata"}
    assert (status, complaints) == (1, f"farfield: {message} [{code}]\n")


@pytest.mark.parametrize(
    "requires",
    [
        ("numpy>=1",),
        (f"torch=={TORCH}",),
        ("torch>=2; python_version >= '3'", "nowhere; python_version < '3'", "nowhere; extra == 'x'"),
        ("NumPy", "open_clip.torch"),
        (f"numpy=={BASE.versions['numpy']}",),
    ],
)
def test_two_doors_check_passes_what_the_base_has_and_asks_no_index(tmp_path: Path, requires: tuple[str, ...]) -> None:
    wheel = make_wheel(tmp_path, "toy-method", requires=requires)
    assert of_worker(wheel, tmp_path / "home", NOWHERE) == ("", "")
    status, said, complaints = check(str(wheel))
    assert (status, complaints) == (0, "")
    assert "met by the base environment" in said
    assert said.endswith("a site with the base environment of this release would run toy-method\n")


@pytest.mark.parametrize(("requirement", "version"), [("dep-a>=1", "1.5"), ("dep-a>2", "3.0b1"), ("Dep_A<2", "1.5")])
def test_two_doors_what_a_site_would_fetch_is_said_and_must_be_here_to_be_tried(
    tmp_path: Path, requirement: str, version: str
) -> None:
    make_wheel(tmp_path / "index", "dep-a", "1.5", ("numpy",))
    make_wheel(tmp_path / "index", "dep-a", "3.0b1")
    wheel = make_wheel(tmp_path, "toy-method", requires=(requirement,))
    with served(tmp_path / "index") as (address, _):
        assert of_worker(wheel, tmp_path / "home", address) == ("", "")
        status, said, complaints = check(str(wheel), index=address)
    assert f"dependencies  1 declared; a site fetches dep-a {version}" in said
    assert status == 1
    assert "not installed here: " in complaints
    assert f"=={version} [check.not_installed]\n" in complaints


@pytest.mark.parametrize("environment", [{}, {"UV_OFFLINE": "1"}])
def test_two_doors_where_no_index_answers_check_does_not_say_yes(tmp_path: Path, environment: dict[str, str]) -> None:
    """Scikit-learn is installed here, and not part of the base environment: nobody could look whether a site has it."""
    wheel = make_wheel(tmp_path, "toy-method", requires=("numpy", "scikit-learn>=1"))
    status, said, complaints = check(str(wheel), **environment)
    assert "dependencies  2 declared; scikit-learn>=1 could not be looked at (" in said
    assert "conformance" in said
    assert status == 1
    assert "whether a site would run toy-method is not known: scikit-learn>=1 could not be looked at" in complaints
    assert complaints.endswith("[check.not_known]\n")
    assert "would run toy-method\n" not in said


def test_two_doors_an_import_that_only_works_here_is_named(tmp_path: Path) -> None:
    """It is installed where `check` runs, but neither in the base environment nor required by the package."""
    module = f"import sklearn\n{PLUGIN.replace('{method}', 'toy-method')}"
    status, _, complaints = check(str(make_wheel(tmp_path, "toy-method", module=module)))
    assert status == 1
    assert "No module named 'sklearn' on a site: it is of scikit-learn, which is installed here" in complaints
    assert complaints.endswith("[plugin.broken_import]\n")


def test_two_doors_the_platforms_own_modules_are_not_there_either(tmp_path: Path) -> None:
    module = f"import farfield_evaluators\n{PLUGIN.replace('{method}', 'toy-method')}"
    status, _, complaints = check(str(make_wheel(tmp_path, "toy-method", module=module)))
    assert (status, "farfield_evaluators" in complaints) == (1, True)


def test_two_doors_an_optional_import_falls_back_as_on_a_site(tmp_path: Path) -> None:
    module = f"try:\n    import sklearn\nexcept ImportError:\n    sklearn = None\nassert sklearn is None\n{PLUGIN}"
    wheel = make_wheel(tmp_path, "toy-method", module=module.replace("{method}", "toy-method"))
    assert check(str(wheel))[0] == 0


@pytest.mark.parametrize("tool", ["numpy>=99", "nowhere-to-be-found", "tool @ https://example.org/tool.zip"])
def test_two_doors_what_an_sdist_is_built_with_is_held_against_the_base_too(tmp_path: Path, tool: str) -> None:
    project = (
        f'[build-system]\nrequires = ["{tool}"]\nbuild-backend = "backend"\n[project]\nname = "toy-method"\n'
        'version = "1.0"\n[project.entry-points.farfield]\ntoy-method = "toy_method"\n'
    )
    members = {
        "toy_method-1.0/PKG-INFO": b"Metadata-Version: 2.1\nName: toy-method\nVersion: 1.0\n",
        "toy_method-1.0/pyproject.toml": project.encode(),
    }
    path = write_sdist(tmp_path, members)
    (tmp_path / "index").mkdir()
    with served(tmp_path / "index") as (address, _):
        code, message = of_worker(path, tmp_path / "home", address)
        status, _, complaints = check(str(path), index=address)
    assert (status, complaints) == (1, f"farfield: {message} [{code}]\n")
    assert code == "plugin.dependencies"


class _Answer(BaseHTTPRequestHandler):
    body: Any = None

    def do_GET(self) -> None:
        data = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        self.send_response(200 if self.path == "/api/v1/environments" else 404)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def site(body: Any) -> Iterator[str]:
    handler = type("Handler", (_Answer,), {"body": body})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_two_doors_a_site_says_what_it_has(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy-method", requires=("numpy", "site-only>=2"))
    old = Base.of({"numpy": "1.20", "site-only": "1.0"}, fetches=False)
    with site({"environments": [old.published()]}) as address:
        expected = of_worker(wheel, tmp_path / "home", base=old)
        status, _, complaints = check(str(wheel), "--site", address)
    assert (status, complaints) == (1, f"farfield: {expected[1]} [{expected[0]}]\n")
    assert "this site runs methods with site-only 1.0" in complaints


def test_two_doors_a_package_must_fit_every_kind_of_worker(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy-method", requires=("numpy>=2",))
    both = [Base.of({"numpy": version}).published() for version in ("2.1", "1.26")]
    with site({"environments": both}) as address:
        assert "with numpy 1.26" in check(str(wheel), "--site", address)[2]
    with site({"environments": both[:1]}) as address:
        status, said, _ = check(str(wheel), "--site", address)
    assert (status, said.splitlines()[-1]) == (0, f"{address} would run toy-method")


def test_two_doors_a_site_without_an_index_fetches_nothing(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy-method", requires=("dep-a>1",))
    with site({"environments": [Base.of({}, fetches=False).published()]}) as address:
        complaints = check(str(wheel), "--site", address)[2]
    assert "the package needs dep-a>1; this site fetches no packages beyond its own [plugin.dependencies]" in complaints


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"environments": []}, "takes packages at present"),
        ({"x": 1}, "did not answer with base environments"),
        (b"<html>", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        ({"environments": [{"format": 2}]}, "format 2"),
        ({"environments": [{**BASE.published(), "distributions": {"../x": "1"}}]}, "is no distribution"),
    ],
)
def test_what_a_site_answers_is_not_trusted(tmp_path: Path, body: Any, said: str) -> None:
    with site(body) as address:
        status, _, complaints = check(str(make_wheel(tmp_path, "toy-method")), "--site", address)
    assert (status, said in complaints) == (1, True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "127.0.0.1", "file:///etc/passwd"])
def test_a_site_that_is_not_there_is_said(tmp_path: Path, url: str) -> None:
    status, _, complaints = check(str(make_wheel(tmp_path, "toy-method")), "--site", url)
    assert status == 1
    assert complaints.endswith("[check.no_site]\n")


def test_a_redirect_or_another_page_is_no_site() -> None:
    with site({}) as address, pytest.raises(BaseError):
        of_site(address)


def test_two_doors_the_bundled_base_environment_is_current() -> None:
    """What comes with this release is what this release installs."""

    def public(versions: Any) -> dict[str, str]:
        return {name: version.partition("+")[0] for name, version in versions.items()}

    bundle, here = public(BASE.versions), public(installed_versions())
    if BASE.markers["python_version"] != Base.of({}).markers["python_version"]:
        common = bundle.keys() & here.keys()
        bundle, here = ({name: found[name] for name in common} for found in (bundle, here))
    assert bundle == here, "run: python -m farfield_workers.bundled_base"


def test_two_doors_words_are_found_wherever_the_installer_breaks_its_lines() -> None:
    cause = "Because a has no wheels and you\n  require a, we can conclude that your\n  requirements fail."
    told = f"error: No solution\n  cause: {cause}\nhint: no"
    said = "Because a has no wheels and the package requires a, we can conclude that its requirements fail."
    assert explanation(told) == said
