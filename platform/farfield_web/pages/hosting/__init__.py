"""The page on which hosts decide about a benchmark's intake, and what others see of it."""
