"""What every page ends with and only the operator knows: where the documents and the source are."""

from collections.abc import ItemsView
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def links(request: HttpRequest) -> dict[str, ItemsView[str, Any]]:
    """Titles and addresses, in the operator's order."""
    return {"footer_links": settings.LINKS.items()}
