"""Making of the bundled entailment model: its data, its training, its file. Not needed to run Plumbline."""
