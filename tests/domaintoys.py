"""Toy methods of domain generalisation, which import no torch, and a small pack of drawn styles to run them on.

`toy-levels-needy` raises until it is given the domain that it needs, which `needs` writes beside the plugin.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.domainbed.datasets import STYLES

CLASSES = ("dark", "middling", "bright")
SEEN, UNSEEN = 5, 2  # pictures of a class in a domain

NEEDS = "farfield_domain_toys_needs.txt"
SOURCE = '''
from dataclasses import dataclass
from pathlib import Path
import numpy as np
from farfield import (BackboneSpec, Features, Images, MethodSpec, Resources, TaskFamily, TrackClaims, hookimpl,
                      setting)

@dataclass(frozen=True, kw_only=True)
class Config:
    lr: float = setting(0.5, ge=0.0, le=1.0, help="A rate.")
    loss_name: str = setting("loss", help="What the loss is called.")
    worth: float = setting(1.0, ge=0.0, le=10.0, help="What it is worth.")

class Levels:
    """Class = the level of brightness nearest to the means that were seen; which are noted in the log."""
    def __init__(self, context):
        self.context, self.steps = context, 0
        self.levels = np.zeros(context.class_count)
        context.log(f"domains {', '.join(context.domain_names)}; rate {context.config.lr}; seed {context.seed}")
    def update(self, minibatches, unlabeled=None):
        if not self.steps:
            self.context.log(f"batches of {[len(b.labels) for b in minibatches]}")
        self.steps += 1
        values = np.concatenate([self._brightness(b.inputs) for b in minibatches])
        labels = np.concatenate([b.labels for b in minibatches])
        for label in np.unique(labels):
            self.levels[label] = values[labels == label].mean()
        return {self.context.config.loss_name: 1 / self.steps}
    def predict(self, inputs):
        return -np.abs(self._brightness(inputs)[:, None] - self.levels).astype(np.float32)
    def _brightness(self, inputs):
        return inputs.reshape(len(inputs), -1).mean(axis=1)

class Needy(Levels):
    def __init__(self, context):
        super().__init__(context)
        file = Path(__file__).with_name("farfield_domain_toys_needs.txt")
        needed = file.read_text() if file.exists() else ""
        if needed and needed not in context.domain_names:
            raise RuntimeError(f"nothing can be learned without {needed}")

class Diverging(Levels):
    """Its losses and logits are no numbers from the second step on."""
    def update(self, minibatches, unlabeled=None):
        return {name: value if self.steps < 2 else float("nan")
                for name, value in super().update(minibatches, unlabeled).items()}
    def predict(self, inputs):
        return super().predict(inputs) * (np.float32("nan") if self.steps > 1 else 1)

class ByBatch(Levels):
    """What is in each test batch is noted in the log: how many images, and of how many tints."""
    def predict(self, inputs):
        tints = {tuple(np.round(image.mean(axis=(0, 1)) / image.mean(), 1)) for image in inputs.astype(float)}
        self.context.log(f"test batch of {len(inputs)} in {len(tints)} tints")
        return super().predict(inputs)

@dataclass(frozen=True, kw_only=True)
class NetworkConfig(Config):
    featurizer: str = setting("", help="A network.")
    weights: str = setting("", help="A file.")
    lambda_: float = setting(1.0, ge=0.0, le=9.0, help="Called after a word of Python.")

def mean_colour(device):
    return lambda images: images.mean(axis=(1, 2)).astype(np.float32)

def spec(name, **more):
    values = dict(name=name, family=TaskFamily.DOMAIN_GENERALIZATION, summary="Levels.", build=Levels, config=Config,
                  inputs=Images(size=16), claims=TrackClaims(backbone="none"))
    return MethodSpec(**(values | more))

@hookimpl
def farfield_methods():
    return [
        spec("toy-levels"),
        spec("toy-levels-frozen", inputs=Features(backbone="toy-mean-colour", dim=3)),
        spec("toy-levels-by-batch", build=ByBatch, transductive=True),
        spec("toy-levels-diverging", build=Diverging),
        spec("toy-levels-network", config=NetworkConfig),
        spec("toy-levels-gpu", resources=Resources(gpu=True)),
        spec("toy-levels-needy", build=Needy),
        spec("toy-levels-small", resources=Resources(memory_gib=0.25)),
    ]

@hookimpl
def farfield_backbones():
    return [BackboneSpec(name="toy-mean-colour", dim=3, build=mean_colour, inputs=Images(size=16), pretraining=(),
                         licence="CC0")]
'''


def install_domain_toys(folder: Path) -> Path:
    """Write the plugin below `folder`, to be put on FARFIELD_PLUGIN_PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "farfield_domain_toys.py").write_text(SOURCE)
    info = folder / "farfield_domain_toys-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: farfield-domain-toys\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nfarfield-domain-toys = farfield_domain_toys\n")
    return folder


def needs(folder: Path, domain: str) -> None:
    """Which domain `toy-levels-needy`, installed in `folder`, fails without from now on; none when it is empty."""
    (folder / NEEDS).write_text(domain)


def styles_pack(folder: Path) -> Pack:
    """`domainbed/styles` with few small squares: class = brightness, domain = colour; some concepts unseen."""
    examples = [
        _square(folder / "source", domain, label, number)
        for domain in range(len(STYLES.environments))
        for label in range(len(CLASSES))
        for number in range(SEEN + UNSEEN)
    ]
    source = Source(
        name=STYLES.pack,
        title="Squares in styles",
        licence="CC0",
        classes=tuple(PackClass(name=name) for name in CLASSES),
        domains=STYLES.environments,
        examples=tuple(examples),
        ordered=True,
    )
    return build(source, folder / "packs")


def _square(folder: Path, domain: int, label: int, number: int) -> Example:
    rng = np.random.default_rng([domain, label, number])
    level = (label + 0.5) * 256 / len(CLASSES)
    colour = np.roll([1.0, 0.9, 1.1], domain)
    pixels = np.clip(rng.normal(level, 6, (20, 20, 1)) * colour, 0, 255).astype(np.uint8)
    path = folder / f"{domain}-{label}-{number}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    order = (domain * len(CLASSES) + label) * (SEEN + UNSEEN) + number
    return Example(path=path, set="seen" if number < SEEN else "unseen", label=label, domain=domain, order=order)
