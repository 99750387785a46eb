"""The terminal's way in: `cotrace` and its commands. A composition root: nothing else of ours imports it."""
