"""What operators said of the whole site, for any template."""

from django import template

from farfield_web.operations.intake import pause_now
from farfield_web.operations.models import Pause

register = template.Library()


@register.simple_tag
def intake_pause() -> Pause | None:
    """The pause that holds now; None while the site takes what is new."""
    return pause_now()
