"""Farfield's own methods, registered exactly as a third party's."""
