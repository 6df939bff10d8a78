"""The dashboard: a page for each area, drawn from the published version."""
