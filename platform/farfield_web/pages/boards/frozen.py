"""A board as it stood when it was frozen, with what was said of its entries since."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from farfield_web.api.links import page as address_of_page
from farfield_web.leaderboards.frozen import said_since, without_hidden_names
from farfield_web.operations.models import FrozenBoard
from farfield_web.pages.templatetags.figures import shown


@require_safe
def frozen(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Its rows and figures as the API gave them; corrections since stand beside them."""
    kept = get_object_or_404(FrozenBoard, benchmark=name, name=key)
    content = without_hidden_names(kept.content)
    since = said_since(content)
    context = {
        "section": "benchmarks",
        "kept": kept,
        "columns": content["columns"],
        "rows": [_row(row, since.get(row["submission"], [])) for row in content["rows"]],
        "others": FrozenBoard.objects.filter(benchmark=name).exclude(pk=kept.pk),
        "address": address_of_page("board-frozen", name, key),
    }
    return render(request, "pages/board_frozen.html", context)


def _row(row: dict[str, Any], since: list[str]) -> dict[str, Any]:
    figures = [shown(figure["value"] if figure else None) for figure in row["figures"]]
    return {"row": row, "figures": figures, "since": since}
