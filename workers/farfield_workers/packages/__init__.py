"""Building a submitted package, once per content, into a folder on top of the operator's base environment."""
