"""Answers and drafts as terminal text, markdown and reference files."""
