"""Papers and how to find them; knows nothing of questions."""
