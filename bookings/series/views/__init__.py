"""Pages of series: choosing and booking one, what became of it, and the lab's side."""
