"""what is counted of all timelines, each line once

Every timeline is counted from its beginning, so the counts of what was announced go.

Revision ID: 2026_11_29_tallies
Revises: 2026_11_28_playbook_repeats
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_29_tallies'
down_revision = '2026_11_28_playbook_repeats'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('tallies',
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('labels', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('part', sa.Text(), nullable=False),
    sa.Column('total', sa.Float(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('metric', 'labels', 'part', name=op.f('tallies_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    op.create_table('tally_cursors',
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('lead_id', name=op.f('tally_cursors_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    op.create_table('tally_labels',
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('label', 'value', name=op.f('tally_labels_pkey'))
    )
    op.create_table('tally_queue',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('tally_queue_pkey')),
    postgresql_with={'autovacuum_vacuum_scale_factor': 0.0, 'autovacuum_vacuum_threshold': 2000}
    )
    op.execute("INSERT INTO tally_queue (lead_id) SELECT lead_id FROM lead_states")
    op.drop_table('announced')


def downgrade() -> None:
    op.create_table('announced',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('team', sa.Text(), nullable=False),
    sa.Column('segment', sa.Text(), nullable=False),
    sa.Column('total', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'team', 'segment', name=op.f('announced_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    for name in ('tally_queue', 'tally_labels', 'tally_cursors', 'tallies'):
        op.drop_table(name)
