"""What a lab must see to: tasks that open by themselves, and close when their cause is gone or somebody says how."""
