"""Files and pieces of pages for other sites and tools."""
