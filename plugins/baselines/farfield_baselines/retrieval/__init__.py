"""Retrieval methods, one a file."""
