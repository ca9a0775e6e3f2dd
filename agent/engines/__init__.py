"""Who writes: interchangeable engines behind one protocol."""
