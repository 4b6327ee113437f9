"""What long-tailed data are made of: the official lists and annotations, and cuts of balanced data."""
