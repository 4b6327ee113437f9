"""Few-shot classification methods, one a file."""
