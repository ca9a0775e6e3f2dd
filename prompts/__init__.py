"""One file a prompt, and the loader.

A prompt file is front matter (`name`, `version`, `inputs`) and two parts, `## system` and `## user`.
Inputs stand as {{name}} in the user part only: instructions never mix with what papers or people wrote.
"""

from prompts.fence import fence
from prompts.loader import Message, Prompt, PromptFault, load, names, parse

__all__ = ["Message", "Prompt", "PromptFault", "fence", "load", "names", "parse"]
