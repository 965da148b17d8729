"""Who is next when time becomes free (BK-19)."""
