"""When a command was stored, by the database's clock

Revision ID: 2026_11_27_commands_stored
Revises: 2026_11_27_rings
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_27_commands_stored'
down_revision = '2026_11_27_rings'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('commands', sa.Column('stored_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False))


def downgrade() -> None:
    op.drop_column('commands', 'stored_at')
