"""Few-shot classification: logits of queries, episode by episode, each of classes learned from a few examples.

Test inputs come in the order of episodes: of each the support examples, class after class, then its queries. So a run
has the support of an episode, whose labels follow from its place, only when all episodes before are predicted.
Of open episodes some queries are of none of the classes; a method tells them by scores, as an OOD detector does.
"""

from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from farfield.errors import JobError, ProtocolError
from farfield.families.family import ArrayRule, Build, Inputs, Schedule, Size, Tell
from farfield.families.ood_detection import scores_of
from farfield.families.phased import OPTIONAL, Phased
from farfield.families.streams import guarded
from farfield.families.toys import Toys, check_stream, source
from farfield.method import Inputs as Declared
from farfield.protocols import FewShotClassifier, Ints
from farfield.runtime.base_phase import begin
from farfield.runtime.dataset import ArraySource, LabeledSet, Source
from farfield.runtime.loops import Array, checked
from farfield.runtime.probes import Part, probed_count, repeats, side_by_side
from farfield.runtime.rows import Out
from farfield.runtime.streamed import finish, noted

LOGITS, SCORES, SCORE = "logits", "scores", "score"


@dataclass(frozen=True, kw_only=True)
class Episode:
    """How many classes (ways) an episode has, and of each how many support examples (shots) and queries.

    others: of how many other classes, which have no support, there are as many queries, too.
    """

    way: int
    shots: int
    queries: int
    others: int = 0

    @classmethod
    def of(cls, steps: Mapping[str, Any]) -> "Episode":
        """As a job's schedule has it. Raises JobError for another one."""
        try:
            episode = cls(**steps)
        except TypeError as error:
            raise JobError(f"a run of few-shot classification needs the shape of its episodes: {error}") from error
        if min(episode.way, episode.shots, episode.queries) < 1 or episode.others < 0:
            raise JobError(f"an episode has at least one class, shot and query, not {dict(steps)}")
        return episode

    @property
    def steps(self) -> dict[str, int]:
        """As a job's schedule has it: without `others` where there are none."""
        return {name: number for name, number in vars(self).items() if number or name != "others"}

    @property
    def support(self) -> int:
        """How many examples are learned from."""
        return self.way * self.shots

    def __len__(self) -> int:
        return self.support + (self.way + self.others) * self.queries

    @property
    def labels(self) -> Ints:
        """Those of the support, int64 [support]: class after class.

        >>> Episode(way=2, shots=3, queries=1).labels.tolist()
        [0, 0, 0, 1, 1, 1]
        """
        return np.repeat(np.arange(self.way, dtype=np.int64), self.shots)


@dataclass(frozen=True)
class Episodes:
    """The loop over all episodes of a source: `fit_novel` and then `predict`, batch by batch."""

    episode: Episode

    def batches(
        self, method: Any, given: Source, batch: int, tell: Tell = lambda *_: None, *, backwards: bool = False
    ) -> Iterator[dict[str, Array]]:
        """Logits float32 [B, W] in the order of the inputs; those of support examples are 0, and count for nothing.

        Of open episodes scores float64 [B] besides. With `backwards` the queries of each come in reversed order.
        """
        for start in range(0, len(given), len(self.episode)):
            middle, stop = start + self.episode.support, start + len(self.episode)
            images = []
            for part in _parts(np.arange(start, middle), batch):
                images.append(given.read(part))
                yield self._nothing(len(part))
            method.fit_novel(self._support(np.concatenate(images)))
            for part in _parts(np.arange(middle, stop)[:: -1 if backwards else 1], batch):
                yield self._told(method, given.read(part))
            tell("predict", stop, len(given))

    def whole(self, method: Any, inputs: Inputs, batch: int) -> Array:
        """All logits [N, W], of open episodes with the scores as a last column."""
        return self._joined(self.batches(method, inputs.test, batch))

    def probes(self, method: Any, given: Source, batch: int) -> dict[str, Array]:
        """The protocol probes of the first inputs: again, and each episode's queries backwards in other batches."""
        count = probed_count(len(given), batch)
        whole = -(-count // len(self.episode)) * len(self.episode)
        first, places = Part(given, np.arange(whole)), np.arange(whole).reshape(-1, len(self.episode))
        turned = np.hstack([places[:, : self.episode.support], places[:, : self.episode.support - 1 : -1]]).reshape(-1)

        def reordered() -> Array:
            return self._joined(self.batches(method, first, batch // 2 + 1, backwards=True))[turned][:count]

        return repeats(lambda: self._joined(self.batches(method, first, batch))[:count], reordered)

    def _joined(self, batches: Iterator[dict[str, Array]]) -> Array:
        return np.concatenate([side_by_side(rows) for rows in batches])

    def _nothing(self, count: int) -> dict[str, Array]:
        """What is written of support examples."""
        scores = {SCORES: np.zeros(count)} if self.episode.others else {}
        return {**scores, LOGITS: np.zeros((count, self.episode.way), np.float32)}

    def _told(self, method: Any, queries: Array) -> dict[str, Array]:
        """What the method says of some queries. Raises ProtocolError for what is neither logits nor scores."""
        if self.episode.others:
            return scores_of(method, queries, Size(examples=len(queries), classes=self.episode.way))
        return {LOGITS: checked(method.predict(queries), (len(queries), self.episode.way), "predict: logits")}

    def _support(self, images: Array) -> LabeledSet:
        labels = self.episode.labels
        return LabeledSet(ArraySource(images), labels, np.zeros(len(labels), np.int64))


class FewShotClassification(Phased):
    """`fit_novel` and `predict` -> logits float32 [N, W]; what was learned before may be saved and loaded.

    Of open episodes `score` -> scores float64 [N] and logits, in the place of `predict`.
    """

    name = "few-shot-classification"
    title = "Few-shot classification"
    protocol = FewShotClassifier
    members = ("fit_novel", "predict")
    optional = (*OPTIONAL, SCORE)
    annotated = ()
    curves = False
    asks = False
    bases = False
    probes = True

    def problems(self, inputs: Declared) -> list[str]:
        learns = "few-shot classification learns from several images at once, so they need a crop"
        return [learns] if getattr(inputs, "crop", "") == "none" else []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        scores = {SCORES: ArrayRule(shape=(size.examples,), dtype="float64")} if size.open else {}
        return {**scores, LOGITS: ArrayRule(shape=(size.examples, size.classes))}

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        episodes = Episodes(Episode.of(schedule.steps))
        opened = episodes.episode.others > 0
        if opened and not _scores(method):
            raise ProtocolError(
                f"{type(method).__name__} misses `{SCORE}`: this benchmark has queries of no class of their episode; "
                f"`{SCORE}(images)` gives the pair (score [B], logits [B, W]), where a higher score is of a known class"
            )
        begin(method, inputs.base_model, lambda: self.base_set(inputs))
        given, batch = inputs.test, inputs.spec.batch_size
        size = replace(inputs.size, classes=episodes.episode.way, open=opened)
        out.rows(self.outputs(size), noted(given, episodes.batches(method, given, batch, out.progress)))
        finish(given)
        if schedule.probe:
            out.save(guarded("the protocol probes", lambda: episodes.probes(method, given, batch)) or {})

    def base_set(self, inputs: Inputs) -> Sized:
        return inputs.part("base") or ()

    def check(self, build: Build) -> None:
        toys, episodes = _Toys(build, _TOY), Episodes(_TOY)

        def learn(method: Any, inputs: Inputs) -> None:
            begin(method, inputs.base_model, lambda: self.base_set(inputs))

        first = check_stream(build, toys, lambda method: learn(method, toys), episodes)
        self.check_saved(build, toys, first, learn, episodes)
        if _scores(first):
            opened = _Toys(build, _OPEN_TOY)
            check_stream(build, opened, lambda method: learn(method, opened), Episodes(_OPEN_TOY))


_TOY = Episode(way=3, shots=2, queries=3)
_OPEN_TOY = replace(_TOY, others=1)


class _Toys(Toys):
    """Two episodes."""

    def __init__(self, build: Build, episode: Episode) -> None:
        super().__init__(build)
        self._episode = episode

    @property
    def test(self) -> Source:
        return source(self._declared, 2 * len(self._episode), seed=1)


def _scores(method: Any) -> bool:
    return callable(getattr(method, SCORE, None))


def _parts(positions: Ints, size: int) -> Iterator[Ints]:
    for start in range(0, len(positions), size):
        yield positions[start : start + size]


FAMILY = FewShotClassification()
