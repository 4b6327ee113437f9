"""Few-shot detection methods, one a file."""
