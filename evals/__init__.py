"""Suites, metrics, statistics, gates and reports."""
