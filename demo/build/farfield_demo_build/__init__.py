"""Rebuilds the images of farfield-demo from the packages they come from."""
