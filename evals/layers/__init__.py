"""Measures every layer of the check alone, all together, and the baselines, on each development set."""
