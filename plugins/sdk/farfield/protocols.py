"""The method protocols, one of each family, and the data they receive. Nothing here is to be inherited from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Inputs = npt.NDArray[Any]  # uint8 images [B, H, W, 3], arrays as the benchmark has them, or float32 features [B, D]
Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Part of a training set: inputs [B, ...], labels [B] in 0..C-1, domains [B] in 0..D-1.

    targets: for regression what is to be told, float64 [B, T]; None elsewhere. Without labels, as in the part
    "unlabeled" and "ood_val", these are -1.
    """

    inputs: Inputs
    labels: Ints
    domains: Ints
    targets: Floats | None = None


class TrainingSet(Protocol):
    """The benchmark's training split, read in batches so that it need not fit in memory."""

    @property
    def labels(self) -> Ints:
        """int64 [N], in the order of `batches(shuffle=False)`."""

    @property
    def domains(self) -> Ints:
        """int64 [N], numbers into the context's domain_names."""

    @property
    def targets(self) -> Floats | None:
        """For regression float64 [N, T]; None elsewhere."""

    def __len__(self) -> int: ...

    def batches(self, size: int, *, shuffle: bool = False, seed: int = 0) -> Iterator[Batch]:
        """One pass over the set; the last batch may be smaller."""

    def take(self, indices: Ints) -> Batch:
        """The examples at these positions, int64 [B] in 0..N-1, in this order; one may be taken more than once."""


@runtime_checkable
class Classifier(Protocol):
    """Classification. An optional `fit(train: TrainingSet) -> None` is called once, before any `predict`.

    A `fit(train, *, val=None, unlabeled=None)` is also given those parts of the benchmark's training data that it names
    so, each a TrainingSet; of one without a default the benchmark must have it. `target` and `target_val` are such
    parts, too: a few labelled examples of what is tested on, to adapt to and to select by; and `forget`, what is to be
    recognised no more.

    A `fit(train, *, pool, labels)` is given examples without labels as `pool`, and as `labels` a `farfield.Labels` that
    it asks for some of theirs, within the benchmark's budget.
    """

    def predict(self, images: Inputs) -> Floats:
        """Logits [B, C]; the predicted class is the argmax."""


@runtime_checkable
class DomainGeneralizer(Protocol):
    """Domain generalisation, DomainBed's contract; the runner owns the steps and the checkpoints."""

    def update(self, minibatches: Sequence[Batch], unlabeled: Sequence[Inputs] | None = None) -> Mapping[str, float]:
        """One training step on a minibatch per training domain; returns named losses."""

    def predict(self, images: Inputs) -> Floats:
        """Logits [B, C]."""


@runtime_checkable
class OODDetector(Protocol):
    """OOD detection. An optional `fit(train: TrainingSet) -> None` is called once, before any `score`.

    A `fit(train, *, val=None, ood_val=None, unlabeled=None)` is also given those parts that it names so: ID images to
    choose by, OOD images to choose by, and images of anything to learn from. See `Classifier`.
    """

    def score(self, images: Inputs) -> tuple[Floats, Floats]:
        """(score [B], higher = more in-distribution; logits [B, C])."""


@runtime_checkable
class Regressor(Protocol):
    """Regression. An optional `fit(train: TrainingSet) -> None`, as a classifier's, learns from batches' `targets`."""

    def predict(self, images: Inputs) -> Floats:
        """Values [B, T] of the T targets, in their own units; [B] will do for one."""


@runtime_checkable
class FewShotClassifier(Protocol):
    """Few-shot classification, episode by episode: each has a few classes of its own, which nobody has seen before.

    An optional `fit_base(dataset: TrainingSet) -> None` comes first, with the optional pair `save_base(folder: Path)`
    and `load_base(folder: Path)` as a few-shot detector has it. `fit_novel` then begins every episode, and must forget
    the one before: an episode's predictions depend on it alone. On a benchmark with queries of no class of their
    episode, an optional `score(images: Inputs) -> tuple[Floats, Floats]` takes the place of `predict` and is needed:
    scores [B], higher = one of the episode's classes, and logits [B, W].
    """

    def fit_novel(self, support: TrainingSet) -> None:
        """Learn the episode's classes 0..W-1 from K examples each, class after class."""

    def predict(self, images: Inputs) -> Floats:
        """Logits [B, W] of some of the episode's queries; the predicted class is the argmax."""


@runtime_checkable
class Retriever(Protocol):
    """Retrieval of images by captions, and of captions by images: both are compared by the cosine of their embeddings.

    Captions come first, all at once, in an order that says nothing of the images that they belong to. D, from 1 to
    4096, is the method's own, and the same for both.
    """

    def embed_texts(self, texts: Sequence[str]) -> Floats:
        """Embeddings [M, D] of all captions, in their order; of any length, for they are normalised."""

    def embed_images(self, images: Inputs) -> Floats:
        """Embeddings [B, D]."""


@dataclass(frozen=True, kw_only=True)
class AnnotatedImage:
    """An image with boxes [N, 4] (xyxy, pixels), labels [N], masks bool [N, H, W] or None.

    masks: None where the benchmark asks for none; of an object without an outline all False. A set of a run decodes
    them when they are first asked for.
    domain: where it is from, a number into the context's domain_names.
    """

    image: npt.NDArray[np.uint8]
    boxes: Floats
    labels: Ints
    masks: npt.NDArray[np.bool_] | None = None
    domain: int = 0


class AnnotatedSet(Protocol):
    """Annotated images of a benchmark, in the order of a sequence; each is read when it is asked for."""

    @property
    def domains(self) -> Ints:
        """int64 [N], the `domain` of each; no image is read for them."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> AnnotatedImage: ...

    def __iter__(self) -> Iterator[AnnotatedImage]: ...


@dataclass(frozen=True, kw_only=True)
class Detections:
    """What was found in one image: boxes [N, 4] (xyxy, pixels), scores [N] in 0..1, labels [N], masks or None.

    masks: bool [N, H, W] over the whole image, asked for where `context.masks`; left away elsewhere. A mask belongs to
    its detection: it is not cut to the box, and the box does not follow from it.
    """

    boxes: Floats
    scores: Floats
    labels: Ints
    masks: npt.NDArray[np.bool_] | None = None


@runtime_checkable
class Detector(Protocol):
    """Detection. A `fit(train, *, val=None, unlabeled=None)` is also given those parts that it names so.

    Each is an AnnotatedSet; images of "unlabeled" have no boxes, whatever they show. Boxes are clipped to the image; of
    more than the benchmark lets count in one image, 300 where it says nothing else, those with the highest scores do.
    """

    def fit(self, train: AnnotatedSet) -> None:
        """Learn from the annotated training set. Called once, before any `detect`."""

    def detect(self, images: Sequence[npt.NDArray[np.uint8]]) -> Sequence[Detections]:
        """One Detections per image, in order."""


@runtime_checkable
class DataSelector(Protocol):
    """Data selection: of a training set the examples that a model is trained on.

    The platform trains the model, the same for every method, on exactly these, and tests it. No method sees a test
    example.
    """

    def choose(self, train: TrainingSet, most: int) -> Ints:
        """Positions [K] in the training set, each once and in any order, 1 <= K <= most < N."""


@runtime_checkable
class FewShotDetector(Protocol):
    """Few-shot detection. An optional `fit_base(dataset: AnnotatedSet) -> None` comes first.

    With the optional pair `save_base(folder: Path) -> None` and `load_base(folder: Path) -> None`, `fit_base` is called
    once for all runs of an entry. `save_base` writes what was learned into an empty folder, plain files of at most
    2 GiB together; every run calls `load_base` in the place of `fit_base`, with a copy that cannot be written to.

    Both sets read an image when it is asked for. Boxes are clipped to the image; of more than the benchmark lets
    count in one image, 300 where it says nothing else, those with the highest scores do.
    """

    def fit_novel(self, support: AnnotatedSet) -> None:
        """Learn the novel classes from K annotated instances each."""

    def detect(self, images: Sequence[npt.NDArray[np.uint8]]) -> Sequence[Detections]:
        """One Detections per image, in order."""
