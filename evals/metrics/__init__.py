"""Metrics by their standard names; each module holds one family and states its definitions."""
