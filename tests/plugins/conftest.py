"""The plugins here are projects of their own; their tests run against their built wheels (tests/integration)."""

collect_ignore_glob = ["*/tests/*"]
