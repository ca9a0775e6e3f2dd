"""Asks, answers, compares, drafts and checks."""
