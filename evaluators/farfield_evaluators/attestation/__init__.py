"""Signed results: what a site says of a run, in a form that anybody can check without the site."""
