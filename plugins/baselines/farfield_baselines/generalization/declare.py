"""From an algorithm to the method that is registered: on images with any network, or on features of a frozen one."""

from dataclasses import dataclass

from farfield import Choice, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER
from farfield_baselines.generalization.core import Algorithm, Config, Generalizer
from farfield_baselines.generalization.on_features import on_features

DOMAINBED = "Gulrajani & Lopez-Paz 2021, arXiv 2007.01434"
IMAGES = Images(size=224, crop="squash", interpolation="bilinear")


@dataclass(frozen=True)
class Builder:
    """What a spec's `build` is."""

    algorithm: type[Algorithm]

    def __call__(self, context: RunContext) -> Generalizer:
        return Generalizer(self.algorithm, context)


def declare(
    name: str,
    algorithm: type[Algorithm],
    summary: str,
    papers: tuple[str, ...],
    *,
    config: type = Config,
    transductive: bool = False,
    images_only: bool = False,
    memory_gib: float = 19.0,
) -> MethodSpec:
    """The spec of an algorithm: on any of the featurizers, with ImageNet-1k weights at most, or on Lite0's features.

    `images_only` is for an algorithm that looks at pixels, or that would have nothing to start from on features.
    `memory_gib` is of a step on 3 x 32 images with a ResNet-50, and half as much again; ERM's by default.
    """
    cited = (*papers, DOMAINBED)
    on_lite0 = Choice(
        inputs=LITE0_FEATURES,
        summary=f"On frozen EfficientNet-Lite0 features. {summary}",
        claims=LITE0_CLAIMS,
        config=on_features(config),
        resources=Resources(memory_gib=1.0, minutes=30.0),
        batch_size=64 if transductive else 256,
        papers=(*cited, LITE0_PAPER),
    )
    return MethodSpec(
        name=name,
        family=TaskFamily.DOMAIN_GENERALIZATION,
        summary=summary,
        build=Builder(algorithm),
        inputs=IMAGES,
        claims=TrackClaims(backbone="as configured", pretraining=("imagenet-1k",)),
        config=config,
        resources=Resources(memory_gib=memory_gib, minutes=720.0),
        transductive=transductive,
        stochastic=True,
        papers=cited,
        licence="Apache-2.0",
        choices={} if images_only else {"lite0": on_lite0},
    )
