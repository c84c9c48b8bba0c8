"""the roster live: hours, skills, weights, capacity, absences by id, and who changed what

Revision ID: 2026_11_28_roster
Revises: 2026_11_27_commands_stored
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_28_roster'
down_revision = '2026_11_27_commands_stored'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('people', sa.Column('timezone', sa.Text(), nullable=True))
    op.add_column('people', sa.Column('calendar', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('people', sa.Column('open_hours', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('people', sa.Column('skills', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('people', sa.Column('territories', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('people', sa.Column('max_open_leads', sa.Integer(), nullable=True))
    op.add_column('people', sa.Column('max_new_leads_per_day', sa.Integer(), nullable=True))
    op.add_column('team_members', sa.Column('weight', sa.Integer(), server_default=sa.text('1'), nullable=False))
    op.add_column('absences', sa.Column('absence_id', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False))
    op.create_index('absences_absence_id_ix', 'absences', ['absence_id'], unique=True)
    op.create_index('absences_starts_at_absence_id_ix', 'absences', ['starts_at', 'absence_id'], unique=False)
    op.create_table('roster_changes',
    sa.Column('change_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('before', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('change_id', name=op.f('roster_changes_pkey'))
    )
    op.create_index('roster_changes_kind_subject_change_id_ix', 'roster_changes', ['kind', 'subject', 'change_id'], unique=False)


def downgrade() -> None:
    op.drop_table('roster_changes')
    op.drop_index('absences_starts_at_absence_id_ix', table_name='absences')
    op.drop_index('absences_absence_id_ix', table_name='absences')
    op.drop_column('absences', 'absence_id')
    op.drop_column('team_members', 'weight')
    for name in ('max_new_leads_per_day', 'max_open_leads', 'territories', 'skills', 'open_hours', 'calendar', 'timezone'):
        op.drop_column('people', name)
