"""Benchmark names in URLs: one slash, as in `imagenet-ood/mini`."""


class BenchmarkName:
    """Matches `family/edition` of lower-case names, as the catalogue writes them."""

    regex = r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Base36:
    """A number as links of letters write it."""

    regex = "[0-9A-Za-z]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
