"""What a change at the desk would mean: for what is earned, and for who is booked; pure functions."""
