"""The desk's day: who comes, who is there, who has left; check-in, check-out and what happens in between."""
