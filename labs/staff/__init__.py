"""Who operates the instruments, and who is qualified for what."""
