"""The lab's people at its desk: who operates what and when, who may operate it themselves, and what that means."""
