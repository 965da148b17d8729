"""What labs there are, with what instruments, under which standards, offering which services; and how it is found."""
