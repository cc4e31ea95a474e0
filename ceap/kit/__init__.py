"""Clock, ids, home, problems, pagination: knows no domain word."""
