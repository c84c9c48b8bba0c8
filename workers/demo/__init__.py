"""A believable day at a company, played on a running Leadloop in minutes, and what Leadloop caught of it."""
