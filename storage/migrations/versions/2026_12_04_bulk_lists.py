"""bulk lists: what is said of each, how their leads stand, and where a lead waits

Revision ID: 2026_12_04_bulk_lists
Revises: 2026_12_03_routing
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_12_04_bulk_lists'
down_revision = '2026_12_03_routing'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lists',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=True),
    sa.Column('event_ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('marketing_owner', sa.Text(), nullable=True),
    sa.Column('team', sa.Text(), nullable=True),
    sa.Column('per_rep_a_day', sa.Integer(), nullable=True),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('state_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state_by', sa.Text(), nullable=True),
    sa.Column('rows_read', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('rows_rejected', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('late_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('late_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('look_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rung_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rings', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("state IN ('open', 'paused', 'cancelled')", name=op.f('lists_state_check')),
    sa.PrimaryKeyConstraint('name', name=op.f('lists_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    op.create_index('lists_look_ix', 'lists', ['look_at'], unique=False, postgresql_where=sa.text('look_at IS NOT NULL'))
    op.create_table('list_leads',
    sa.Column('list', sa.Text(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('hand_off', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('list', 'lead_id', name=op.f('list_leads_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    op.create_index('list_leads_list_status_uploaded_at_lead_id_ix', 'list_leads', ['list', 'status', 'uploaded_at', 'lead_id'], unique=False)
    op.create_index('list_leads_paced_ix', 'list_leads', ['list', 'since'], unique=False, postgresql_where=sa.text("why = 'lead.released'"))
    op.create_index('list_leads_lead_id_ix', 'list_leads', ['lead_id'], unique=False)
    op.add_column('leads', sa.Column('waits_in', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('leads', 'waits_in')
    op.drop_table('list_leads')
    op.drop_table('lists')
