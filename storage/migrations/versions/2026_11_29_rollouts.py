"""what a publication does to running promises, its rollout, and what that holds

Revision ID: 2026_11_29_rollouts
Revises: 2026_11_29_owners_gone
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_29_rollouts'
down_revision = '2026_11_29_owners_gone'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('playbook_revisions', sa.Column('running', postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column('clocks', sa.Column('held_revision', sa.Integer(), nullable=True))
    op.add_column('clocks', sa.Column('held_due_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        'clocks_held_ix', 'clocks', ['held_revision', 'lead_id'],
        postgresql_where=sa.text('held_revision IS NOT NULL AND ended_at IS NULL'),
    )
    op.create_table(
        'playbook_rollouts',
        sa.Column('revision', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('changed_by', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=True),
        sa.Column('total', sa.Integer(), nullable=True),
        sa.Column('reached', sa.Integer(), server_default=sa.text('0'), nullable=False),
        sa.Column('adopted', sa.Integer(), server_default=sa.text('0'), nullable=False),
        sa.Column('reached_to', sa.Uuid(), nullable=True),
        sa.Column('ring_due_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'cancelled', 'superseded', 'done')", name='playbook_rollouts_state_check'
        ),
        sa.PrimaryKeyConstraint('revision', name='playbook_rollouts_pkey'),
    )


def downgrade() -> None:
    op.drop_table('playbook_rollouts')
    op.drop_index('clocks_held_ix', table_name='clocks')
    op.drop_column('clocks', 'held_due_at')
    op.drop_column('clocks', 'held_revision')
    op.drop_column('playbook_revisions', 'running')
