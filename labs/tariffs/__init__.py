"""Price lists and booking policies, in versions."""
