"""indexes in the order of lists, for what lists are asked for together

Revision ID: 2026_11_26_lists
Revises: 2026_11_25_hand_offs
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_26_lists'
down_revision = '2026_11_25_hand_offs'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('team', 'owner', 'source'):
        op.create_index(f'leads_{name}_stage_ix', 'leads', [name, 'stage', 'lead_id'], unique=False, postgresql_where=sa.text(f'{name} IS NOT NULL'))
    for name in ('team', 'owner'):
        op.create_index(f'leads_{name}_untouched_ix', 'leads', [name, 'lead_id'], unique=False, postgresql_where=sa.text(f'untouched AND {name} IS NOT NULL'))
    op.drop_index('leads_ignored_ix', table_name='leads', postgresql_where=sa.text('ignored_at IS NOT NULL'))
    op.create_index('leads_ignored_ix', 'leads', ['lead_id'], unique=False, postgresql_include=['stage', 'team', 'owner', 'source'], postgresql_where=sa.text('ignored_at IS NOT NULL'))
    op.create_index('leads_ignored_stage_ix', 'leads', ['stage', 'lead_id'], unique=False, postgresql_where=sa.text('ignored_at IS NOT NULL'))
    op.create_index('clocks_clock_lead_id_ix', 'clocks', ['clock', 'lead_id', 'outcome'], unique=False)
    op.create_index('clocks_missed_ix', 'clocks', ['outcome', 'lead_id', 'clock'], unique=False, postgresql_where=sa.text("outcome <> 'met'"))
    op.create_index('clocks_running_ix', 'clocks', ['lead_id', 'clock', 'due_at'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('clocks_clock_outcome_ix', table_name='clocks')
    op.drop_index('clocks_due_ix', table_name='clocks', postgresql_where=sa.text('ended_at IS NULL'))


def downgrade() -> None:
    op.create_index('clocks_due_ix', 'clocks', ['due_at'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index('clocks_clock_outcome_ix', 'clocks', ['clock', 'outcome'], unique=False)
    op.drop_index('clocks_running_ix', table_name='clocks', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('clocks_missed_ix', table_name='clocks', postgresql_where=sa.text("outcome <> 'met'"))
    op.drop_index('clocks_clock_lead_id_ix', table_name='clocks')
    op.drop_index('leads_ignored_stage_ix', table_name='leads', postgresql_where=sa.text('ignored_at IS NOT NULL'))
    op.drop_index('leads_ignored_ix', table_name='leads', postgresql_where=sa.text('ignored_at IS NOT NULL'))
    op.create_index('leads_ignored_ix', 'leads', ['lead_id'], unique=False, postgresql_where=sa.text('ignored_at IS NOT NULL'))
    for name in ('team', 'owner'):
        op.drop_index(f'leads_{name}_untouched_ix', table_name='leads', postgresql_where=sa.text(f'untouched AND {name} IS NOT NULL'))
    for name in ('team', 'owner', 'source'):
        op.drop_index(f'leads_{name}_stage_ix', table_name='leads', postgresql_where=sa.text(f'{name} IS NOT NULL'))
