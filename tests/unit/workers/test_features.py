"""Kind: blame. What a backbone does that the operator installed is no author's fault."""

from pathlib import Path

import numpy as np
import pytest
from tests.smallpack import small_pack
from tests.unit.workers.conftest import Recorder, whole

from farfield import FarfieldError, Frozen
from farfield.runtime.job import Job
from farfield_workers.backbones import Backbone
from farfield_workers.execution import Observer
from farfield_workers.failures import RunFailure
from farfield_workers.features import FeatureCache, Looked
from farfield_workers.installed import Installed
from farfield_workers.run_features import asks_texts, run_features
from farfield_workers.sandbox.base import Ending, Execution, Finished, Tick
from farfield_workers.sandbox.runtime import THREADS, environment
from farfield_workers.shared_features import Chosen
from farfield_workers.texts import TextCache


def test_settings_that_name_no_file_leave_a_method_with_images() -> None:
    backbone = Backbone(name="clip", plugin="clip", version="1", takes=("checkpoint",))
    assert backbone.of({"checkpoint": "/" + "x" * 5000}, isolated=False) is None
    assert backbone.of({"checkpoint": "/nowhere"}, isolated=False) is None


BACKBONES = {
    "lite0": Backbone(name="lite0", plugin="ours", version="1", dim=1280),
    "clip": Backbone(name="clip", plugin="ours", version="1", takes=("model",)),
}


@pytest.mark.parametrize(
    ("backbone", "dim", "code", "said"),
    [
        ("clip", 512, "plugin.bad_spec", "name one that is a network by itself (lite0), or take images"),
        ("lite0", 64, "plugin.bad_spec", "gives 1280 features of an image, and the method declares dim=64"),
        ("lite1", 1280, "plugin.unknown_name", "did you mean lite0?; available: clip, lite0"),
    ],
)
def test_features_that_cannot_be_had_as_they_are_declared_are_the_authors_to_mend(
    tmp_path: Path, backbone: str, dim: int, code: str, said: str
) -> None:
    description = {"inputs": {"kind": "features", "backbone": backbone, "dim": dim}}
    cache = FeatureCache(home=tmp_path, sandbox=Ends(Ending.CRASHED))
    installed = Installed(methods={}, backbones=BACKBONES)
    with pytest.raises(FarfieldError) as caught:
        run_features(description, {}, installed, cache, Recorder(), submitted=True)
    assert (caught.value.code, getattr(caught.value, "infrastructure", False)) == (code, False)
    assert said in str(caught.value)


class Ends:
    """A sandbox in which everything ends in one way."""

    name, isolates, runs_images = "ends", True, False

    def __init__(self, ending: Ending) -> None:
        self._ending = ending

    def run(self, execution: Execution, tick: Tick) -> Finished:
        return Finished(ending=self._ending, status=1, seconds=0.1)


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (Ending.MEMORY, "resources.memory"),
        (Ending.TIME, "resources.time"),
        (Ending.OUTPUT, "resources.output"),
        (Ending.CRASHED, "plugin.crashed"),
        (Ending.REPORTED, "plugin.crashed"),
    ],
)
def test_a_backbone_that_breaks_a_limit_is_the_platforms_failure(tmp_path: Path, ending: Ending, code: str) -> None:
    backbone = Backbone(name="wide", plugin="wide", version="1")
    cache, images = FeatureCache(home=tmp_path / "cache", sandbox=Ends(ending)), whole(small_pack(tmp_path))
    with pytest.raises(RunFailure, match="backbone wide: ") as caught:
        cache.look(images, backbone, Recorder())
    assert (caught.value.code, caught.value.infrastructure) == ("platform.features", True)
    assert code in caught.value.message


class Notes(Ends):
    """Notes how many threads it is asked to use: those of the job, and those of its arithmetic."""

    def __init__(self) -> None:
        super().__init__(Ending.CRASHED)
        self.threads: list[tuple[int, str]] = []

    def run(self, execution: Execution, tick: Tick) -> Finished:
        assert execution.source is not None
        self.threads.append((Job.read(execution.source).threads, environment(execution, ())["OMP_NUM_THREADS"]))
        return super().run(execution, tick)


def test_what_the_operator_says_of_threads_holds_for_features_and_text_embeddings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(THREADS, "97")
    sandbox = Notes()
    cache = FeatureCache(home=tmp_path / "cache", sandbox=sandbox)
    for look in (
        lambda: cache.look(whole(small_pack(tmp_path)), BACKBONES["lite0"], Recorder()),
        lambda: TextCache(features=cache).look(["a zebra"], BACKBONES["clip"], Recorder()),
    ):
        with pytest.raises(RunFailure):
            look()
    assert sandbox.threads == [(97, "97"), (97, "97")]


@pytest.mark.parametrize(
    ("inputs", "model", "asks"),
    [
        ({"kind": "features", "backbone": "words", "dim": 3}, None, True),
        ({"kind": "features", "backbone": "lite0", "dim": 1280}, None, False),
        ({"kind": "images"}, "words", True),
        ({"kind": "images"}, "lite0", False),
        ({"kind": "images"}, "of-nobody", False),
        ({"kind": "images"}, None, False),
    ],
)
def test_methods_on_networks_with_a_text_side_may_ask_for_texts(
    inputs: dict[str, object], model: str | None, asks: bool
) -> None:
    frozen = [Frozen(model="model", backbones={"": model}).describe()] if model else []
    description = {"inputs": inputs, "frozen": frozen, "config_schema": {"properties": {}, "propertyOrder": []}}
    words = Backbone(name="words", plugin="ours", version="1", dim=3, texts=True)
    installed = Installed(methods={}, backbones={**BACKBONES, "words": words})
    assert asks_texts(description, {}, installed) is asks


class Fails(FeatureCache):
    """Has the features of one pack, and fails at any other; notes what it is asked for."""

    def look(self, chosen: Chosen, backbone: Backbone, observer: Observer) -> Looked:
        ASKED.append(chosen.pack.name)
        if len(ASKED) > 1:
            raise RunFailure("resources.time", "the run took longer than its 360 minutes")
        return Looked(features=np.zeros((len(chosen), 3), np.float32), cached=1.0)


ASKED: list[str] = []


@pytest.mark.parametrize(("submitted", "checkpoint"), [(False, True), (True, False), (True, True)])
def test_a_package_is_given_features_of_backbones_as_they_are_alone(
    tmp_path: Path, submitted: bool, checkpoint: bool
) -> None:
    """And where those of some images are not to be had, nothing of a cache is told, and nothing is tried again."""
    ASKED.clear()
    frozen = Frozen(backbones={"": "any"}, images={"size": 64} if checkpoint else {})
    description = {
        "inputs": {"kind": "images"},
        "frozen": [frozen.describe()],
        "config_schema": {"properties": {}, "propertyOrder": []},
    }
    installed = Installed(methods={}, backbones={"any": Backbone(name="any", plugin="any", version="1")})
    cache, pack = Fails(home=tmp_path, sandbox=Ends(Ending.TIME)), small_pack(tmp_path)
    features = run_features(description, {}, installed, cache, Recorder(), submitted=submitted)
    if submitted and checkpoint:
        assert features is None
        return
    assert features is not None
    assert features.source.of(pack, np.arange(4)) is not None
    assert features.cached == {"features": 1.0}
    assert features.source.of(pack, np.arange(8)) is None
    assert features.source.of(pack, np.arange(4)) is None
    assert (features.cached, len(ASKED)) == ({}, 2)
