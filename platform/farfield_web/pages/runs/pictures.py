"""The pictures of a run as a page lays them out: images with layers over them, or with what was said in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.pictures.about import MISTAKE, About
from farfield_web.runs.models import Run, RunPicture
from farfield_web.runs.pictures import Layers, allowed, examples_of, pictures_of
from farfield_web.runs.status import Status
from farfield_web.submissions.models import BenchmarkData, Submission


@dataclass(frozen=True, kw_only=True)
class LayerView:
    """A layer: where it is, and what it shows."""

    href: str
    words: str


@dataclass(frozen=True, kw_only=True)
class PictureView:
    """A test image with what was detected; `truth` is None where the benchmark does not show what is there."""

    number: int
    width: int
    height: int
    image: LayerView
    said: LayerView
    truth: LayerView | None


@dataclass(frozen=True, kw_only=True)
class SampleView:
    """A test image by itself, with what it is about; `verdict` is empty where nothing is right or wrong."""

    href: str
    width: int
    height: int
    alt: str
    about: About

    @property
    def verdict(self) -> str:
        return {None: "", True: "right", False: "wrong"}[self.about.right]

    @property
    def note(self) -> str:
        """Why it is shown, where it was not chosen by chance."""
        if self.about.why != MISTAKE:
            return ""
        return "among the most confident mistakes" if self.about.right is False else "among the scores most astray"


@dataclass(frozen=True, kw_only=True)
class DomainSamples:
    """The test images of a domain, and whose they are."""

    name: str
    title: str
    credit: str
    listed: tuple[SampleView, ...]


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Those of a run, which is named where an entry has several: with layers of a detector of objects, else samples."""

    run: Run
    layered: tuple[PictureView, ...]
    samples: tuple[DomainSamples, ...]
    credits: tuple[str, ...]

    @property
    def has_truth(self) -> bool:
        """Whether any of them shows what is there."""
        return any(one.truth for one in self.layered)


def of_run(run: Run) -> Pictures | None:
    """The pictures of a run; None where there are none."""
    whole, benchmark = pictures_of(run), run.submission.known_benchmark
    if not whole or benchmark is None:
        return None
    return Pictures(
        run=run,
        layered=tuple(_layered(one, one.said) for one in whole if one.said),
        samples=_by_domain(benchmark, (one for one in whole if not one.said)),
        credits=tuple(dict.fromkeys(domain.credit or benchmark.licence for domain in benchmark.domains)),
    )


def of_submission(submission: Submission) -> Pictures | None:
    """Those of the last of an entry's runs that has some: of the most shots, where runs differ in these."""
    with_some = submission.runs.filter(status=Status.SUCCEEDED, pictures__isnull=False)
    run = with_some.select_related("submission").order_by("-trial", "-pk").first()
    return of_run(run) if run is not None else None


def of_benchmark(benchmark: Benchmark, data: BenchmarkData | None) -> tuple[DomainSamples, ...]:
    """Example images of each domain, as far as the benchmark shows some and a run has brought them."""
    return _by_domain(benchmark, examples_of(benchmark, data.fingerprint)) if data else ()


def content_of(run: Run, place: int, layer: str) -> bytes:
    """A layer as WebP. Raises Http404 where there is none, or the benchmark does not show it."""
    kept = run.pictures.filter(place=place, layer=layer).select_related("picture").first()
    if kept is None or layer not in allowed(run):
        raise Http404("There is no such picture.")
    return bytes(kept.picture.content)


def _layered(layers: Layers, said: RunPicture) -> PictureView:
    return PictureView(
        number=layers.place + 1,
        width=layers.image.picture.width,
        height=layers.image.picture.height,
        image=_layer(layers.image),
        said=_layer(said),
        truth=_layer(layers.truth) if layers.truth else None,
    )


def _layer(one: RunPicture) -> LayerView:
    return LayerView(href=one.address, words=one.words)


def _by_domain(benchmark: Benchmark, whole: Iterable[Layers]) -> tuple[DomainSamples, ...]:
    by: dict[str, list[SampleView]] = {domain.name: [] for domain in benchmark.domains}
    for one in whole:
        if one.about and one.about.domain in by:
            by[one.about.domain].append(_sample(one, one.about, len(by[one.about.domain]) + 1))
    return tuple(
        DomainSamples(
            name=domain.name,
            title=domain.title,
            credit=domain.credit or benchmark.licence,
            listed=tuple(by[domain.name]),
        )
        for domain in benchmark.domains
        if by[domain.name]
    )


def _sample(one: Layers, about: About, number: int) -> SampleView:
    picture = one.image.picture
    alt = f"Test image {number}{f': {about.truth}' if about.truth else ''}"
    return SampleView(href=one.image.address, width=picture.width, height=picture.height, alt=alt, about=about)
