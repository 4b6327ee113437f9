"""The name by which plugins are found, on its own: looking into archives needs nothing else of a registry."""

GROUP = "farfield"  # the entry-point group, and pluggy's project name
