"""Hostile models and injected papers: ``python -m evals.attacks`` counts what of their work reaches a reader."""
