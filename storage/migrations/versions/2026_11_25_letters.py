"""letters

Revision ID: 2026_11_25_letters
Revises: 2026_11_22_first_tables
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_25_letters'
down_revision = '2026_11_22_first_tables'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('letters',
    sa.Column('action_id', sa.Uuid(), nullable=False),
    sa.Column('hearer', sa.Text(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('release_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('letter_id', sa.Uuid(), nullable=True),
    sa.Column('is_repeat', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint("state IN ('held', 'taken', 'sent')", name=op.f('letters_state_check')),
    sa.PrimaryKeyConstraint('action_id', 'hearer', name=op.f('letters_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    op.create_index(op.f('letters_hearer_at_ix'), 'letters', ['hearer', 'at'], unique=False)
    op.create_index('letters_unsent_ix', 'letters', ['hearer', 'release_at'], unique=False, postgresql_where=sa.text("state <> 'sent'"))


def downgrade() -> None:
    op.drop_index('letters_unsent_ix', table_name='letters', postgresql_where=sa.text("state <> 'sent'"))
    op.drop_index(op.f('letters_hearer_at_ix'), table_name='letters')
    op.drop_table('letters')
