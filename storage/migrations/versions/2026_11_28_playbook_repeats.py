"""which earlier revision of the playbook a rollback repeats

Revision ID: 2026_11_28_playbook_repeats
Revises: 2026_11_28_roster
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_28_playbook_repeats'
down_revision = '2026_11_28_roster'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('playbook_revisions', sa.Column('repeats', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('playbook_revisions', 'repeats')
