"""Who checks: claim against stored text, layer by layer."""
