"""who answers for a team above its managers

Revision ID: 2026_12_02_sponsors
Revises: 2026_12_01_teams
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_12_02_sponsors'
down_revision = '2026_12_01_teams'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('teams', sa.Column('sponsor', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('teams', 'sponsor')
