"""Pages of the lab's people."""
