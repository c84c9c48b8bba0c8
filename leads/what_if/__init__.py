"""What a playbook that is not published yet would do: to open leads now, and to past ones had it been in force."""
