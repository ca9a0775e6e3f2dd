"""Embedder protocol, the bundled model, OpenAI-compatible embeddings."""
