"""Migrations, one module a version; Alembic runs them in their order."""
