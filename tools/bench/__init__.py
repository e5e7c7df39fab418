"""What the addresses, files and forms of the site cost, compared with a file in the repository."""
