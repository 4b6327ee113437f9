"""Boards, and the protocol behind each."""
