"""Extracts written to files."""
