"""Few-shot detection methods, one a file, on the core that they share; query-based ones have a core of their own."""
