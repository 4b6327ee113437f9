"""A few entries of a board, chosen by a reader, against one another."""
