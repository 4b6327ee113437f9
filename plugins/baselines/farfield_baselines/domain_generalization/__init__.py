"""Domain generalisation methods, one a file."""
