"""A lead's life in plain sentences: what each entry says, what each promise came to, and why."""
