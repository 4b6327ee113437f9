"""Both isolating backends, really started. A backend that is not there fails in CI, and is skipped elsewhere."""

from pathlib import Path

import pytest
from tests.smallpack import small_pack
from tests.unit.workers.conftest import Recorder

from farfield_evaluators.data.packs import Pack
from farfield_workers.base_environment import BaseEnvironment, base_environment
from farfield_workers.sandbox import bubblewrap, docker
from farfield_workers.sandbox.base import Sandbox
from farfield_workers.sandbox.choose import make
from farfield_workers.sandbox.process import ProcessSandbox

UNUSABLE = {"bubblewrap": bubblewrap.unusable, "docker": docker.unusable}


@pytest.fixture(scope="session")
def base() -> BaseEnvironment:
    return base_environment(Path(__file__).parents[2] / "var" / "test-base")


ISOLATING = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in UNUSABLE]


def isolating(name: str, base: BaseEnvironment) -> Sandbox:
    """A backend that must work: `make test` leaves out, by its marker, one that this machine does not have."""
    reason = UNUSABLE[name]()
    assert not reason, reason
    return make(name, base)


@pytest.fixture(scope="module", params=ISOLATING)
def isolated(request: pytest.FixtureRequest, base: BaseEnvironment) -> Sandbox:
    """A backend that must hold against hostile code."""
    return isolating(request.param, base)


@pytest.fixture(scope="module", params=["process", *ISOLATING])
def sandbox(request: pytest.FixtureRequest, base: BaseEnvironment) -> Sandbox:
    """Every backend: the contract is one."""
    return ProcessSandbox() if request.param == "process" else isolating(request.param, base)


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def observer() -> Recorder:
    return Recorder()
