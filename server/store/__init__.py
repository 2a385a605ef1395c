"""What the server must not forget: jobs and uploads, in SQLite or PostgreSQL."""
