"""Benchmarks, packs, metrics and scoring."""
