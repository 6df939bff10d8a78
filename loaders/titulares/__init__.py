"""What is held about one person (LGPD, articles 18 and 16): find it, give it out, erase it."""
