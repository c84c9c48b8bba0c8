"""hand-offs as rows, and counts of what was announced

Rows of hand-offs come with each lead's next step: it folds the lead again, since the rules have changed, and then writes
all of them. What was announced before is counted here, since no step will announce it again.

Revision ID: 2026_11_25_hand_offs
Revises: 2026_11_25_letters
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_25_hand_offs'
down_revision = '2026_11_25_letters'
branch_labels = None
depends_on = None

IS_IGNORED_NOW = 'is_ignored AND NOT quiet AND ended_at IS NULL AND touched_at IS NULL AND opportunity_at IS NULL'

COUNT_ANNOUNCED = """
INSERT INTO announced (kind, team, segment, total)
SELECT j.type, coalesce(t.team_id, 'other'), coalesce(c.segment, h.segment, 'other'), count(*)
FROM journal j
LEFT JOIN clocks c ON j.type = 'breach_retracted' AND c.lead_id = j.lead_id AND c.key = j.data->>'clock'
LEFT JOIN LATERAL (
    SELECT found.value->>'team' AS team, found.value->>'segment' AS segment
    FROM lead_states s, json_array_elements(s.state->'hand_offs') AS found
    WHERE j.type = 'ignored_announced' AND s.lead_id = j.lead_id AND found.value->>'id' = j.data->>'hand_off'
) AS h ON true
LEFT JOIN teams t ON t.team_id = coalesce(c.team, h.team)
WHERE j.kind = 2 AND j.type IN ('ignored_announced', 'breach_retracted')
GROUP BY 1, 2, 3
"""


def upgrade() -> None:
    op.create_table('hand_offs',
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('giver', sa.Text(), nullable=True),
    sa.Column('sourced_by', sa.Text(), nullable=True),
    sa.Column('segment', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('team', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.Column('queue', sa.Text(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('owner_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('touched_by', sa.Text(), nullable=True),
    sa.Column('conversed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opportunity_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('hops', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('horizon_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_ignored', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('is_under_worked', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('quiet', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.PrimaryKeyConstraint('lead_id', 'id', name=op.f('hand_offs_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    op.create_index('hand_offs_ignored_now_ix', 'hand_offs', ['team', 'segment'], unique=False, postgresql_where=sa.text(IS_IGNORED_NOW))
    op.create_index(op.f('hand_offs_opened_at_ix'), 'hand_offs', ['opened_at'], unique=False)
    op.create_index(op.f('hand_offs_owner_opened_at_ix'), 'hand_offs', ['owner', 'opened_at'], unique=False, postgresql_where=sa.text('owner IS NOT NULL'))
    op.create_table('announced',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('team', sa.Text(), nullable=False),
    sa.Column('segment', sa.Text(), nullable=False),
    sa.Column('total', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'team', 'segment', name=op.f('announced_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    # reads the whole journal: before the tables that steps write are locked
    op.execute(COUNT_ANNOUNCED)
    op.create_index('clocks_asked_ix', 'clocks', ['owner', 'started_at'], unique=False, postgresql_where=sa.text("clock = 'feedback'"))
    op.add_column('clocks', sa.Column('subject', sa.Text(), nullable=True))
    op.add_column('leads', sa.Column('is_counted', sa.Boolean(), server_default=sa.text('true'), nullable=False))


def downgrade() -> None:
    op.drop_column('leads', 'is_counted')
    op.drop_column('clocks', 'subject')
    op.drop_index('clocks_asked_ix', table_name='clocks', postgresql_where=sa.text("clock = 'feedback'"))
    op.drop_table('announced')
    op.drop_table('hand_offs')
