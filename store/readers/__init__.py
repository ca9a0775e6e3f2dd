"""One file a format, and the registry that sniffs."""
