"""How labs change what the catalogue says of them: every change is told with what it was before."""
