"""a team's calendar and mode stand in the playbook; indexes for what teams were spared

Revision ID: 2026_12_01_teams
Revises: 2026_11_29_rollouts
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_12_01_teams'
down_revision = '2026_11_29_rollouts'
branch_labels = None
depends_on = None

SPARED = "kind = 2 AND type IN ('notice_withheld', 'rung_skipped', 'queued') AND data->>'why' IN ('shadow', 'notify_owner')"


def upgrade() -> None:
    op.drop_column('teams', 'calendar')
    op.drop_column('teams', 'mode')
    op.create_index('journal_spared_ix', 'journal', [sa.text("coalesce(data->>'team', data->>'queue')"), 'effective_at'], unique=False, postgresql_where=sa.text(SPARED))
    op.create_index('clocks_team_broken_ix', 'clocks', ['team', 'breached_at'], unique=False, postgresql_where=sa.text('breached_at IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('clocks_team_broken_ix', table_name='clocks', postgresql_where=sa.text('breached_at IS NOT NULL'))
    op.drop_index('journal_spared_ix', table_name='journal', postgresql_where=sa.text(SPARED))
    op.add_column('teams', sa.Column('mode', sa.Text(), server_default='full', nullable=False))
    op.add_column('teams', sa.Column('calendar', sa.Text(), nullable=True))
