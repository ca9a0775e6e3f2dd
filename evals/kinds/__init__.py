"""Kinds of suite: what a case of each looks like, how it is run, and what is measured."""
