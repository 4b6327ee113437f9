"""The features that one run is given: of which networks, where they are looked up, and how many were there before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from farfield.errors import SpecError
from farfield.frozen import Wanted, features_wanted
from farfield_evaluators.data.packs import Ints, Pack
from farfield_evaluators.staged_features import Features, FeatureSource
from farfield_workers.backbones import Backbone
from farfield_workers.execution import Observer
from farfield_workers.failures import RunFailure
from farfield_workers.features import FeatureCache
from farfield_workers.installed import Installed
from farfield_workers.shared_features import Chosen


@dataclass
class RunFeatures:
    """The backbones whose features a run takes, side by side; it counts rows as they are looked up.

    rows: how many were looked up; were_there: how many of them had been computed before, as the mean over networks.
    refused: they were not to be had of some images, so the run is given images, and nothing is tried again for it.
    """

    backbones: tuple[Backbone, ...]
    cache: FeatureCache
    observer: Observer
    needed: bool
    learns: bool = True
    rows: int = 0
    were_there: float = 0.0
    refused: bool = False
    counted: dict[str, Ints] = field(default_factory=dict)

    @property
    def source(self) -> FeatureSource:
        words = tuple(f"{backbone.plugin}:{backbone.word}" for backbone in self.backbones)
        return FeatureSource(of=self._look, needed=self.needed, learns=self.learns, networks=words)

    @property
    def cached(self) -> dict[str, float]:
        """For the run's record: the share that was there before, nothing where the run took none."""
        return {"features": round(self.were_there / self.rows, 4)} if self.rows else {}

    def _look(self, pack: Pack, positions: Ints) -> Features | None:
        """Raises RunFailure, where the method takes nothing else or no author is to blame."""
        if self.refused:
            return None
        chosen = Chosen(pack=pack, positions=positions)
        try:
            looked = [self.cache.look(chosen, backbone, self.observer) for backbone in self.backbones]
        except RunFailure as failure:
            if self.needed or failure.infrastructure:
                raise
            self.refused, self.rows, self.were_there = True, 0, 0.0
            self.observer.log(f"note: its network's features are not to be had, so it is given images: {failure}\n")
            return None
        if not np.array_equal(self.counted.get(pack.fingerprint, ()), positions):  # else a base asked for them, too
            self.counted[pack.fingerprint] = positions
            self.rows += len(chosen)
            self.were_there += len(chosen) * float(np.mean([each.cached for each in looked]))
        return looked[0].features if len(looked) == 1 else np.concatenate([each.features for each in looked], axis=1)


def looks_up(description: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """Whether a method with one input takes features, or may be given them."""
    return description["inputs"]["kind"] == "features" or features_wanted(description, config) is not None


def asks_texts(description: Mapping[str, Any], config: Mapping[str, Any], installed: Installed) -> bool:
    """Whether a method with one input may ask for text embeddings: of networks whose features it takes or is given."""
    inputs, wanted = description["inputs"], features_wanted(description, config)
    names = [name for name, _ in wanted.backbones] if wanted else []
    names += [inputs["backbone"]] if inputs["kind"] == "features" else []
    return any(name in installed.backbones and installed.backbones[name].texts for name in names)


def run_features(
    description: Mapping[str, Any],
    config: Mapping[str, Any],
    installed: Installed,
    cache: FeatureCache,
    observer: Observer,
    *,
    submitted: bool,
) -> RunFeatures | None:
    """Those of a method with one input; None where it is given images. Raises as `backbone_of` does, where the method
    takes nothing else.

    submitted: the description is its author's word, so it gets what backbones make of images by themselves. With
    settings, or images, it could have any number of networks computed, for hours that are none of its run's minutes.
    """
    alone = backbone_of(description, installed)
    if alone is not None:
        return RunFeatures(backbones=(alone,), cache=cache, observer=observer, needed=True)
    wanted = features_wanted(description, config)
    if not wanted or (submitted and not _by_their_names(wanted, installed)):
        return None
    networks = _networks(wanted, installed, isolated=cache.sandbox.isolates)
    if not networks:
        return None
    return RunFeatures(backbones=networks, cache=cache, observer=observer, needed=False, learns=wanted.learns)


def backbone_of(description: Mapping[str, Any], installed: Installed) -> Backbone | None:
    """The backbone whose features a method with one input takes and nothing else; None for a method on images.

    Raises UnknownName for one that is not installed, RunFailure `plugin.bad_spec` for one that no features can be had
    of as the method declares it.
    """
    inputs = description["inputs"]
    if inputs["kind"] != "features":
        return None
    backbone = installed.backbone(inputs["backbone"])
    if backbone.takes:
        stands = f"the backbone {backbone.name!r} stands for several networks, and Features do not say which"
        known = ", ".join(sorted(name for name, each in installed.backbones.items() if not each.takes)) or "none here"
        raise RunFailure(SpecError.code, f"{stands}: name one that is a network by itself ({known}), or take images")
    if backbone.dim and backbone.dim != inputs["dim"]:
        gives = f"the backbone {backbone.name!r} gives {backbone.dim} features of an image"
        raise RunFailure(
            SpecError.code, f"{gives}, and the method declares dim={inputs['dim']}: declare {backbone.dim}"
        )
    return backbone


def _by_their_names(wanted: Wanted, installed: Installed) -> bool:
    """Whether each is one network, of which nothing but the name is said."""
    known = installed.backbones
    return not any(settings or (name in known and known[name].takes) for name, settings in wanted.backbones)


def _networks(wanted: Wanted, installed: Installed, *, isolated: bool) -> tuple[Backbone, ...]:
    """The networks, none where one of them is not to be had here."""
    known = [(installed.backbones.get(name), settings) for name, settings in wanted.backbones]
    networks = [backbone and backbone.of(settings, isolated=isolated) for backbone, settings in known]
    found = tuple(network for network in networks if network is not None)
    return found if len(found) == len(networks) else ()
