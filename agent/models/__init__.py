"""Models: any OpenAI-compatible endpoint behind one guarded chat model.

Import from the modules themselves: `protocol`, `meter`, `guarded`, `structured`, `connect`, `cache`, `prices`. This
file stays empty, so that nothing heavy is loaded by a command that needs no model.
"""
