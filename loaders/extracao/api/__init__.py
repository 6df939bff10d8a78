"""Lands what a partner's HTTP API answers, page by page, each page one transaction."""
