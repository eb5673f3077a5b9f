"""The codes that are described, a file each: what makes one known to commands, answers and readers is its `CODE`."""
