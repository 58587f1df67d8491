"""Who is where, asked of the national register of persons (BRP) for those of whom a signal came."""
