"""The predictions of a method at its checkpoints: made when training has ended, where the method can be kept till then.

Inputs that lie in a folder are predicted at once, as they always were; so does a method that cannot be kept, and the
worker notes that it saw test inputs while it was trained.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.context import RunContext
from farfield.method import MethodSpec
from farfield.runtime.dataset import LabeledSet, Source, group_by_group, in_order, open_groups, open_source
from farfield.runtime.exchange import ABOUT
from farfield.runtime.job import Job
from farfield.runtime.loops import EVALUATED_TOGETHER, Progress, classes_predicted, shaped
from farfield.runtime.saved import NotSaved, SavedStates
from farfield.runtime.streamed import StreamedSource

Array = npt.NDArray[Any]
TRIED = 2  # training examples that show whether a restored method predicts
LATER = "farfield: {why}; so test images are predicted while training goes on, which is noted\n"


class Evaluation:
    """Predicted classes int32 [K, N] of all test inputs at K checkpoints: `checkpoint` at each, `finish` at the end."""

    def __init__(
        self, job: Job, folders: tuple[Path, Path], spec: MethodSpec, context: RunContext, steps: Sequence[int]
    ) -> None:
        inputs, output = folders
        self._job, self._spec, self._folder = job, spec, inputs / "test"
        self._declared = spec.inputs_of(context.config)
        self._classes, self._steps = context.class_count, steps
        self._states: SavedStates | None = None
        self._source: Source | None = None
        if (self._folder / ABOUT).exists():
            room, whole = job.room, spec.transductive
            self._states = SavedStates(output / "states", context, len(steps), room, whole=whole)
        else:
            self._begin(open_source(self._folder, self._declared, job.threads))

    def checkpoint(self, number: int, method: Any, train: LabeledSet) -> None:
        """The method has reached a checkpoint, counted from 0."""
        if self._states is not None:
            try:
                self._states.add(method)
                if number == 0 and not self._spec.transductive:  # whose state is kept as it is, and whose batch counts
                    self._states.try_out(train.take(np.arange(min(TRIED, len(train)))).inputs)
                return
            except NotSaved as why:
                self._give_up(str(why), number)
        self._now(number, method)

    def finish(self, progress: Progress) -> Array:
        """The predictions of all checkpoints."""
        if self._states is not None:
            whole = self._spec.transductive
            source = StreamedSource(self._folder, self._declared, self._job.threads, whole=whole)
            self._begin(source)
            if whole:
                for number in range(len(self._steps)):
                    self._now(number, self._states.load(number))
                    progress("predict", number + 1, len(self._steps))
            else:
                self._by_windows(source, self._states, progress)
            self._states.remove()
        return self.predictions

    def _begin(self, source: Source) -> None:
        self._source = source
        self._groups = open_groups(self._folder, len(source)) if self._spec.transductive else None
        self.predictions = np.empty((len(self._steps), len(source)), np.int32)

    def _give_up(self, why: str, number: int) -> None:
        """Those before are restored, and predict now."""
        print(LATER.format(why=why), end="", flush=True)
        states, self._states = self._states, None
        self._begin(StreamedSource(self._folder, self._declared, self._job.threads, early=True))
        assert states is not None  # noqa: S101
        for before in range(number):
            self._now(before, states.load(before))
        states.remove()

    def _now(self, number: int, method: Any) -> None:
        assert self._source is not None  # noqa: S101
        batches = self._batches(self._steps[number])
        self.predictions[number] = classes_predicted(method, self._source, self._classes, batches)

    def _batches(self, step: int) -> Iterator[npt.NDArray[np.int64]]:
        """Of a transductive method those of one environment's split, DomainBed's: shuffled anew at each checkpoint."""
        assert self._source is not None  # noqa: S101
        if self._groups is None:
            return in_order(self._source, self._spec.batch_size)
        size = min(EVALUATED_TOGETHER, self._spec.batch_size)
        return group_by_group(self._groups, size, (self._job.seed, step))

    def _by_windows(self, source: StreamedSource, states: SavedStates, progress: Progress) -> None:
        """Every state predicts some inputs before the next ones come, in the very batches of `in_order`."""
        size = min(self._spec.batch_size, source.largest_batch or self._spec.batch_size)
        window = max(size, source.window - source.window % size)
        for start in range(0, len(source), window):
            positions = np.arange(start, min(start + window, len(source)))
            batches = list(source.batches(positions, size))
            for number in range(len(states)):
                self.predictions[number, positions] = self._predicted(states.load(number), batches)
            source.predicted({"predictions": self.predictions[:, positions].T})
            progress("predict", start + len(positions), len(source))
        source.finish()

    def _predicted(self, method: Any, batches: Sequence[Any]) -> Array:
        logits = (shaped(method.predict(b), (len(b), self._classes), "predict: logits") for b in batches)
        return np.concatenate([found.argmax(axis=1) for found in logits])
