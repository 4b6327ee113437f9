"""A board as it stood when it was frozen, with what was said of its entries since."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from farfield_web.api.links import page as address_of_page
from farfield_web.operations.models import FrozenBoard
from farfield_web.pages.templatetags.figures import shown
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import taken_off


@require_safe
def frozen(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Its rows and figures as the API gave them; corrections since stand beside them."""
    kept = get_object_or_404(FrozenBoard, benchmark=name, name=key)
    content = kept.content
    off = taken_off(Submission.objects.filter(pk__in=[row["submission"] for row in content["rows"]]))
    reasons = {str(key): f"taken off since by the {ruling.role}: {ruling.reason}" for key, ruling in off.items()}
    context = {
        "section": "benchmarks",
        "kept": kept,
        "columns": content["columns"],
        "rows": [_row(row, reasons.get(row["submission"], "")) for row in content["rows"]],
        "others": FrozenBoard.objects.filter(benchmark=name).exclude(pk=kept.pk),
        "address": address_of_page("board-frozen", name, key),
    }
    return render(request, "pages/board_frozen.html", context)


def _row(row: dict[str, Any], since: str) -> dict[str, Any]:
    figures = [shown(figure["value"] if figure else None) for figure in row["figures"]]
    return {"row": row, "figures": figures, "since": since}
