"""Everything on one machine: PostgreSQL and Temporal from wheels, kept alive and stopped in order."""
