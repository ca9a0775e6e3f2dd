"""From a topic to a cited, checked review."""
