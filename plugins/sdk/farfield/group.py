"""The name by which plugins are found, on its own: looking into archives needs nothing else of a registry."""

GROUP = "farfield"  # the entry-point group, and pluggy's project name
SUITES_GROUP = "farfield.suites"  # of benchmarks; the SDK never loads it
