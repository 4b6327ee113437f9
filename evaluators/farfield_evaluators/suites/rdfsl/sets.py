"""The names of the sets of an episodic pack: of each test domain its queries, and the support that goes with them."""

BASE = "base"
_SUPPORT, _QUERY = "support-", "query-"


def query_of(domain: str) -> str:
    """The set with the queries of a test domain."""
    return f"{_QUERY}{domain}"


def support_of(queries: str) -> str:
    """The set whose images are learned from, by the name of the one with the queries.

    >>> support_of(query_of("animal"))
    'support-animal'
    """
    return f"{_SUPPORT}{queries.removeprefix(_QUERY)}"
