"""companies as other systems know them, and which leads are theirs

Revision ID: 2026_12_05_accounts
Revises: 2026_12_04_bulk_lists
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_12_05_accounts'
down_revision = '2026_12_04_bulk_lists'
branch_labels = None
depends_on = None

# accounts told of before this were kept in the journal alone
FOLD = """
INSERT INTO accounts (account_id, system, key, told, changed_at, changes)
SELECT i.entity_id, i.system, i.key, coalesce(jsonb_object_agg(word.name, word.word) FILTER (WHERE word.name IS NOT NULL), '{}'),
       now(), 1
FROM identities i CROSS JOIN LATERAL (
    SELECT DISTINCT ON (d.name) d.name, jsonb_build_object(
        'v', CASE WHEN d.name = 'domains' AND jsonb_typeof(d.value) = 'array'
                  THEN (SELECT coalesce(jsonb_agg(DISTINCT lower(trim(x.one))), '[]') FROM jsonb_array_elements_text(d.value) AS x (one))
                  ELSE d.value END,
        'at', to_char(j.effective_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        'by', j.source || '/' || j.event_id
    ) AS word
    FROM journal j CROSS JOIN LATERAL jsonb_each(j.data) AS d (name, value)
    WHERE j.lead_id = i.entity_id AND j.type = 'account.updated'
      AND d.name IN ('name', 'domains', 'owner', 'type', 'named', 'open_opportunity_owner')
    ORDER BY d.name, j.effective_at DESC, j.source || '/' || j.event_id DESC
) AS word
WHERE i.stream = 'account'
GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table('accounts',
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('system', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('told', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changes', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('fanned', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('fanned_to', sa.Uuid(), nullable=True),
    sa.PrimaryKeyConstraint('account_id', name=op.f('accounts_pkey')),
    postgresql_with={'fillfactor': 70, 'autovacuum_vacuum_scale_factor': 0.02}
    )
    op.create_index('accounts_domains_ix', 'accounts', [sa.text("((told -> 'domains'::text) -> 'v'::text)")], unique=False, postgresql_using='gin')
    op.create_index('accounts_key_ix', 'accounts', ['key'], unique=False)
    op.create_index('accounts_untold_ix', 'accounts', ['account_id'], unique=False, postgresql_where=sa.text('changes > fanned'))
    op.create_table('company_leads',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'lead_id', name=op.f('company_leads_pkey'))
    )
    op.create_index('company_leads_lead_id_ix', 'company_leads', ['lead_id'], unique=False)
    op.execute(FOLD)


def downgrade() -> None:
    op.drop_table('company_leads')
    op.drop_table('accounts')
