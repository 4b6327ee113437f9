"""What a job's folder holds, opened when it is asked for: training data by name, annotated images, test inputs."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from farfield.context import RunContext
from farfield.errors import JobError
from farfield.labels import Labels
from farfield.method import Images, MethodSpec
from farfield.protocols import AnnotatedImage, AnnotatedSet, Floats, Ints
from farfield.runtime.asking import open_labels
from farfield.runtime.base_phase import MODEL
from farfield.runtime.dataset import LabeledSet, Source, open_source, open_training_set, read_array
from farfield.runtime.evaluation import Evaluation
from farfield.runtime.job import Job
from farfield.runtime.masks import StagedMasks, WithMasks
from farfield.runtime.rules import MOST_DETECTIONS, Size


class StagedInputs:
    """The inputs of one run, as a family's loop is given them; `folder` holds train/, test/ and what else there is."""

    def __init__(self, folder: Path, job: Job, spec: MethodSpec, context: RunContext) -> None:
        self.spec = spec
        self.seed = job.seed
        self._folder, self._job, self._context = folder, job, context
        self._declared = spec.inputs_of(context.config)
        self._parts: dict[str, LabeledSet] = {}

    @cached_property
    def test(self) -> Source:
        return open_source(self._folder / "test", self._declared, self._job.threads, whole=False)

    @property
    def size(self) -> Size:
        return Size(
            examples=len(self.test),
            classes=self._context.class_count,
            targets=max(1, len(self._context.target_names)),
            masks=self._job.masks,
            detections=self._job.detections or MOST_DETECTIONS,
            texts=len(self._job.captions),
        )

    @property
    def captions(self) -> tuple[str, ...]:
        """What a method of retrieval is to embed besides the test images."""
        return self._job.captions

    @property
    def base_model(self) -> Path | None:
        """What the method saved in its base phase, where that was a job of its own."""
        folder = self._folder / MODEL
        return folder if folder.is_dir() else None

    def evaluation(self, output: Path, steps: Sequence[int]) -> Evaluation:
        """The predictions at these steps of training."""
        return Evaluation(self._job, (self._folder, output), self.spec, self._context, steps)

    def part(self, name: str) -> LabeledSet | None:
        """Opened once, whoever asks. Raises JobError for files that do not fit one another."""
        folder = self._folder / name
        if name not in self._parts and folder.exists():
            self._parts[name] = open_training_set(folder, self._declared, self._job.threads)
        return self._parts.get(name)

    @cached_property
    def labels(self) -> Labels | None:
        """Raises JobError for a worker that gives them by another format."""
        return open_labels(self._folder)

    def scenes(self, name: str) -> AnnotatedSet:
        """Raises JobError for files that do not fit one another."""
        folder = self._folder / name
        return Scenes(folder, self._declared, self._job.threads) if folder.exists() else NoScenes()


class NoScenes(tuple[AnnotatedImage, ...]):
    """The annotated images of a part that a benchmark does not have."""

    @property
    def domains(self) -> Ints:
        return np.zeros(0, np.int64)


class Scenes(Sequence[AnnotatedImage]):
    """Annotated images, each read when it is asked for: images as staged, boxes.npy [sum of rows, 4], box-labels.npy.

    boxes-rows.npy int64 [N] says how many boxes each image has, domains.npy int64 [N] where it is from: without that
    file all are of domain 0. With masks.npy uint32 [sum of run lengths] and mask-runs.npy int64 [sum of rows], how many
    of them each object has, images have masks. Raises JobError where these do not fit.
    """

    def __init__(self, folder: Path, declared: object, threads: int) -> None:
        if not isinstance(declared, Images):
            raise JobError(f"{folder.name} holds annotated images, and this method takes none")
        self._source = open_source(folder, declared, threads)
        self._boxes: Floats = read_array(folder / "boxes.npy")
        self._labels: Ints = read_array(folder / "box-labels.npy")
        ends = np.cumsum(read_array(folder / "boxes-rows.npy"))
        self._ends = [0, *ends.tolist()]
        stated = folder / "domains.npy"
        self.domains: Ints = read_array(stated) if stated.exists() else np.zeros(len(ends), np.int64)
        if (
            len(self.domains) != len(ends)
            or len(ends) != len(self._source)
            or not len(self._boxes) == len(self._labels) == self._ends[-1]
        ):
            raise JobError(f"{folder.name} has boxes or domains that do not fit its {len(self._source)} images")
        self._masks = _masks_of(folder, len(self._boxes))

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]  # as of a list: one, or a list of some
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        number = range(len(self))[place]
        start, end = self._ends[number], self._ends[number + 1]
        image = self._source.read(np.array([number]))[0]
        boxes, labels = self._boxes[start:end], self._labels[start:end]
        domain = int(self.domains[number])
        if self._masks is None:
            return AnnotatedImage(image=image, boxes=boxes, labels=labels, domain=domain)
        return WithMasks.of(image=image, boxes=boxes, labels=labels, domain=domain, masks=self._masks.part(start, end))


def _masks_of(folder: Path, count: int) -> StagedMasks | None:
    """The masks of so many objects; None where the benchmark asks for none."""
    if not (folder / "masks.npy").exists():
        return None
    runs, counts = read_array(folder / "masks.npy", mapped=True), read_array(folder / "mask-runs.npy")
    if counts.shape != (count,) or (counts < 0).any() or runs.shape != (counts.sum(),):
        raise JobError(f"{folder.name} has masks that do not fit its {count} boxes")
    return StagedMasks(runs, counts)
