"""How a model's faults end: ``python -m evals.faults`` prints the table of docs/faults.md, measured on loopback."""
