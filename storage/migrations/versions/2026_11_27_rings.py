"""the index of rings due follows rings, not every batch of mail

Revision ID: 2026_11_27_rings
Revises: 2026_11_26_lists
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_27_rings'
down_revision = '2026_11_26_lists'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('mailboxes_ring_due_ix', table_name='mailboxes')
    op.create_index('mailboxes_ring_due_ix', 'mailboxes', ['ring_due_at'], unique=False, postgresql_where=sa.text('ring_due_at IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('mailboxes_ring_due_ix', table_name='mailboxes')
    op.create_index('mailboxes_ring_due_ix', 'mailboxes', ['ring_due_at'], unique=False, postgresql_where=sa.text('last_sequence > read_to'))
