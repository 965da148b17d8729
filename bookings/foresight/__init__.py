"""What a change that a lab considers would mean: for what is booked, and for what it earns."""
