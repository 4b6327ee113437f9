"""The data sets of DomainBed's repository beyond the seven that its paper reports on: facts as of b93c22a.

SVIRO: Dias Da Cruz et al., WACV 2020 (arXiv 2001.03483). WILDS: Koh et al., ICML 2021 (arXiv 2012.07421). Spawrious:
Lynch et al. 2023 (arXiv 2303.05470), whose test environment is made of combinations that training never shows, so it
alone is held out. Debug: noise, to try a machine out.
"""

from farfield_evaluators.suites.domainbed.dataset import DataSet

SVIRO = DataSet(
    name="SVIRO",
    benchmark="domainbed/sviro",
    environments=("aclass", "escape", "hilux", "i3", "lexus", "tesla", "tiguan", "tucson", "x5", "zoe"),
    checkpoint_every=300,
    root="sviro",
)
WILDS_CAMELYON = DataSet(
    name="WILDSCamelyon",
    benchmark="domainbed/wilds-camelyon",
    environments=tuple(f"hospital_{i}" for i in range(5)),
    checkpoint_every=100,
)
WILDS_FMOW = DataSet(
    name="WILDSFMoW",
    benchmark="domainbed/wilds-fmow",
    environments=tuple(f"region_{i}" for i in range(6)),
    checkpoint_every=100,
)


def _spawrious(kind: str, level: str) -> DataSet:
    return DataSet(
        name=f"Spawrious{kind}_{level}",
        benchmark=f"domainbed/spawrious-{kind.lower()}-{level}",
        environments=("Test", "SC_group_1", "SC_group_2"),
        checkpoint_every=100,
        held_out=(0,),
        crops=False,
    )


SPAWRIOUS = tuple(_spawrious(kind, level) for kind in ("O2O", "M2M") for level in ("easy", "medium", "hard"))


def _debug(pixels: int) -> DataSet:
    return DataSet(
        name=f"Debug{pixels}",
        benchmark=f"domainbed/debug-{pixels}",
        environments=("0", "1", "2"),
        checkpoint_every=100,
        small_images=pixels == 28,
    )


DEBUG_28, DEBUG_224 = _debug(28), _debug(224)
FURTHER = (SVIRO, WILDS_CAMELYON, WILDS_FMOW, *SPAWRIOUS, DEBUG_28, DEBUG_224)
