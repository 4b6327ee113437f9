"""Methods of detection, one a file, on the core that they share."""
