"""what the hunt for leaks could not mend, and indexes that find them

Revision ID: 2026_12_03_leaks
Revises: 2026_12_02_sponsors
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_12_03_leaks'
down_revision = '2026_12_02_sponsors'
branch_labels = None
depends_on = None

OWNERLESS = (
    "is_open AND owner IS NULL AND queue IS NULL"
    " AND stage IN ('qualified', 'assigned', 'accepted', 'working', 'opportunity')"
)


def upgrade() -> None:
    op.create_table('leaks_left',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('leads', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('leaks_left_pkey'))
    )
    op.create_index('leads_ownerless_ix', 'leads', ['lead_id'], unique=False, postgresql_where=sa.text(OWNERLESS))
    op.create_index('leads_unwakeable_ix', 'leads', ['lead_id'], unique=False, postgresql_where=sa.text('is_open AND wake_at IS NULL'))
    op.create_index('leads_open_ix', 'leads', ['lead_id'], unique=False, postgresql_where=sa.text('is_open'))


def downgrade() -> None:
    for name in ('leads_open_ix', 'leads_unwakeable_ix', 'leads_ownerless_ix'):
        op.drop_index(name, table_name='leads')
    op.drop_table('leaks_left')
