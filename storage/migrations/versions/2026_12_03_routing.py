"""whose turn it is with weights, turns that were taken, what people have in hand, and who waits for somebody

Revision ID: 2026_12_03_routing
Revises: 2026_12_03_leaks
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_12_03_routing'
down_revision = '2026_12_03_leaks'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('team_members', sa.Column('place', sa.BigInteger(), nullable=True))
    op.add_column('team_members', sa.Column('owed', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.add_column('hand_offs', sa.Column('waits_since', sa.DateTime(timezone=True), nullable=True))
    op.create_table('turns',
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('cycle', sa.Text(), nullable=False),
    sa.Column('team_id', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('given_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('lead_id', 'cycle', name=op.f('turns_pkey'))
    )
    op.create_index('turns_of_person_ix', 'turns', ['person_id', 'at'], unique=False, postgresql_where=sa.text('given_back_at IS NULL'))
    op.create_index('hand_offs_in_hand_ix', 'hand_offs', ['owner'], unique=False, postgresql_include=['lead_id', 'segment', 'touched_at', 'opportunity_at', 'quiet'], postgresql_where=sa.text('ended_at IS NULL AND owner IS NOT NULL'))
    op.create_index('hand_offs_waiting_ix', 'hand_offs', ['team', 'waits_since'], unique=False, postgresql_where=sa.text('waits_since IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('hand_offs_waiting_ix', table_name='hand_offs')
    op.drop_index('hand_offs_in_hand_ix', table_name='hand_offs')
    op.drop_table('turns')
    op.drop_column('hand_offs', 'waits_since')
    op.drop_column('team_members', 'owed')
    op.drop_column('team_members', 'place')
