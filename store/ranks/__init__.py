"""The o200k rank file of tiktoken (MIT licence, OpenAI), bundled so that counting needs no network."""
