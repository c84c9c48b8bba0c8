"""which leads were told that their owner is away or has left

Revision ID: 2026_11_29_owners_gone
Revises: 2026_11_29_tallies
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_29_owners_gone'
down_revision = '2026_11_29_tallies'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('leads', sa.Column('gone_told', sa.Text(), nullable=True))
    op.add_column('people', sa.Column('left_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('absences_ends_at_ix', 'absences', ['ends_at'], unique=False)


def downgrade() -> None:
    op.drop_index('absences_ends_at_ix', table_name='absences')
    op.drop_column('people', 'left_at')
    op.drop_column('leads', 'gone_told')
