"""Benchmarks of one's own, described by a TOML file instead of Python."""
