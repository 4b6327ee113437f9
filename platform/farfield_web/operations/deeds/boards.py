"""Boards as they stood, kept for good; and boards scored again."""

from typing import Any

from django.utils import timezone

from farfield_evaluators.benchmark import Benchmark
from farfield_web.api.board_serializers import BoardBody, name_of
from farfield_web.leaderboards import rescoring
from farfield_web.leaderboards.queries import board
from farfield_web.leaderboards.reading import current_key, tier_of
from farfield_web.leaderboards.revision import revision_of
from farfield_web.operations.deeds.base import PUBLIC_REASON, Deed, Done, Field, Kind, OperateError, Values
from farfield_web.operations.models import FrozenBoard

SHORT = 12  # characters of a key, as part of an address


def _freeze(values: Values) -> Done:
    benchmark, tier = values["benchmark"], _tier(values)
    frozen = freeze(benchmark, tier, values["reason"])
    address = f"/boards/{benchmark.name}/at/{frozen.name}/"
    return Done(said=f"It stands at {address} for good.", what=benchmark.name, facts={"at": frozen.name, "tier": tier})


def _rescore(values: Values) -> Done:
    benchmark, tier = values["benchmark"], _tier(values)
    drifting = rescoring.rescore(benchmark, tier, dry_run=True)
    if not any(each.drift for each in drifting):
        raise OperateError("operate.no_change", f"Nothing of {benchmark.name} drifts: it is as the scorers give it.")
    frozen = freeze(benchmark, tier, values["reason"])
    found = rescoring.rescore(benchmark, tier)
    lines = rescoring.table(found)
    entries = sum(bool(each.drift) for each in found)
    address = f"/boards/{benchmark.name}/at/{frozen.name}/"
    said = f"{entries} entries were scored again; the board as it was stands at {address}"
    facts = {"at": frozen.name, "tier": tier, "entries": entries, "drift": lines[:100]}
    return Done(said="\n".join([said, *lines]), what=benchmark.name, facts=facts)


def freeze(benchmark: Benchmark, tier: str, reason: str) -> FrozenBoard:
    """Keep a board as its API gives it now. Raises OperateError where no worker has said which data it is of."""
    key = current_key(benchmark, tier)
    if key is None:
        raise OperateError("operate.no_change", f"{benchmark.name} has no data yet, so no board.", "benchmark")
    kept = FrozenBoard.objects.filter(benchmark=benchmark.name, name__startswith=key[:SHORT]).count()
    return FrozenBoard.objects.create(
        benchmark=benchmark.name,
        tier=tier,
        name=f"{key[:SHORT]}-{kept + 1}" if kept else key[:SHORT],
        key=key,
        reason=reason,
        content=_whole(benchmark, tier),
        at=timezone.now(),
    )


def _whole(benchmark: Benchmark, tier: str) -> dict[str, Any]:
    """All rows of a board on one page, as the API gives them to a reader without an account."""
    now = board(benchmark, tier=tier)
    same = {name: getattr(now, name) for name in ("benchmark", "track", "tier", "verified_only", "key", "columns")}
    rows = {"rows": now.rows, "apart": now.apart, "apart_count": len(now.apart)}
    pages = {"page_number": 1, "pages": 1, "next": None, "previous": None}
    counts = {"entries": len(now.rows), "count": len(now.rows), "revision": revision_of(benchmark.name, tier)}
    ranked_by = name_of(now.columns[now.ranked_by])
    return dict(BoardBody({**same, **rows, **pages, **counts, "ranked_by": ranked_by}).data)


def _tier(values: Values) -> str:
    try:
        return tier_of(values["benchmark"], values["tier"])
    except KeyError as error:
        raise OperateError("operate.not_there", f"There is no tier {values['tier']!r}.", "tier") from error


BENCHMARK = Field(name="benchmark", help="The name of a benchmark.", kind=Kind.BENCHMARK)
TIER = Field(name="tier", help="One of its tiers; the first where it is empty.", required=False, longest=20)
DEEDS = (
    Deed(
        name="freeze",
        title="Freeze a board",
        about="Keeps it as it stands under an address that can be cited; the board itself goes on.",
        fields=(BENCHMARK, TIER, PUBLIC_REASON),
        do=_freeze,
        public=True,
    ),
    Deed(
        name="rescore",
        title="Score a board again",
        about="From what was kept of its runs, by the scorers that are installed now, without running anything; the "
        "board as it was is frozen first.",
        fields=(BENCHMARK, TIER, PUBLIC_REASON),
        do=_rescore,
        public=True,
    ),
)
