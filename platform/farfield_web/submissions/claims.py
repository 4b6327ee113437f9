"""What a method claims to have learned from, and which tracks that opens."""

from collections.abc import Mapping
from typing import Any

from farfield import TrackClaims, training_data
from farfield.choices import plainly
from farfield.config import settings_of
from farfield.described import LISTS
from farfield_evaluators.benchmark import Benchmark, Track
from farfield_web.errors import SubmissionError
from farfield_web.submissions.models import Method
from farfield_web.submissions.request import Claims


def refusals(benchmark: Benchmark, method: Method) -> dict[str, list[str]]:
    """For each track of the benchmark, why this method may not enter it; empty lists when it may."""
    claims = claims_of(method)
    return {track.name: benchmark.refusals(track.name, claims) for track in benchmark.tracks}


def claims_of(method: Method) -> TrackClaims:
    """The claims that the method's specification makes."""
    return read_claims(method.spec.get("claims", {}))


def read_claims(claims: Mapping[str, Any]) -> TrackClaims:
    """Claims as a specification holds them."""
    values: dict[str, Any] = {name: tuple(claims.get(name, ())) for name in LISTS}
    values["training_data"] = training_data.read(claims.get("training_data"))
    return TrackClaims(backbone=str(claims.get("backbone", "")), unlabeled=claims.get("unlabeled") is True, **values)


def require_track(name: str, benchmark: Benchmark) -> None:
    """Raises SubmissionError `track.unknown`."""
    known = [track.name for track in benchmark.tracks]
    if name not in known:
        text = f"{benchmark.title} has no track {name!r}; it has: {', '.join(known)}."
        raise SubmissionError("track.unknown", text, "track")


def check_track(name: str, benchmark: Benchmark, claims: TrackClaims | Claims, who: str) -> None:
    """Raises SubmissionError `track.unknown`, or `track.refused` with the reasons."""
    require_track(name, benchmark)
    reasons = benchmark.refusals(name, as_claims(claims, benchmark.track(name)))
    if reasons:
        raise SubmissionError("track.refused", f"{who} may not enter: {'; '.join(reasons)}.", "track")


def as_claims(claims: TrackClaims | Claims, track: Track | None = None) -> TrackClaims:
    """As the SDK writes them; predictions have no `fit`, so that the track says if unlabeled examples were used."""
    if isinstance(claims, TrackClaims):
        return claims
    same = {name: getattr(claims, name) for name in ("backbone", "training_data", *LISTS)}
    return TrackClaims(unlabeled=track is not None and track.unlabeled, **same)


def entered_config(benchmark: Benchmark, method: Method, config: dict[str, Any]) -> dict[str, Any]:
    """The settings as a submission keeps them: in full; as entered where a default must not win over what is drawn."""
    return plainly(method.spec, config) if benchmark.plan.draws else full_config(method, config)


def full_config(method: Method, config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with every default filled in; `input` is left out if it is the first."""
    defaults = {name: prop.get("default") for name, prop in settings_of(method.chosen(config).config_schema)}
    return plainly(method.spec, {**defaults, **config})
