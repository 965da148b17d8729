"""The lab's own desk: all it says of its instruments and services, whether they may be seen, and their history."""
