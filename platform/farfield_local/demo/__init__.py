"""The demo: what a first user would do, done through the public API of a site that runs on this machine."""
