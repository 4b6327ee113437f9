"""A site's deeds from Python: boards, entries, submissions, exports. Needs `pip install 'farfield[client]'`.

from farfield.client import Site

site = Site("https://farfield.example")
site.leaderboard("imagenet-ood/mini")
"""

from farfield.client.answers import Board, Column, Comparison, Entries, Entry, Event, Figure, Row, Run
from farfield.client.errors import NotSignedIn, SiteRefused, SiteUnreachable
from farfield.client.packets import Packet
from farfield.client.site import Site
from farfield.client.watching import Seen

__all__ = [
    "Board",
    "Column",
    "Comparison",
    "Entries",
    "Entry",
    "Event",
    "Figure",
    "NotSignedIn",
    "Packet",
    "Row",
    "Run",
    "Seen",
    "Site",
    "SiteRefused",
    "SiteUnreachable",
]
