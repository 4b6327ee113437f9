"""Kind: blame. What a backbone does that the operator installed is no author's fault."""

from pathlib import Path

import pytest
from tests.smallpack import small_pack
from tests.unit.workers.conftest import Recorder, whole

from farfield_workers.backbones import Backbone
from farfield_workers.failures import RunFailure
from farfield_workers.features import FeatureCache
from farfield_workers.sandbox.base import Ending, Execution, Finished, Tick


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
