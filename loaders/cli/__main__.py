"""Runs the command `lastro` as `python -m loaders.cli`."""

from loaders.cli import main

main()
