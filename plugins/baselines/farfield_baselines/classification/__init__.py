"""Classification methods, one a file."""
