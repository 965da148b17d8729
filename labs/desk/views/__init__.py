"""Pages of the desk about the lab's things."""
