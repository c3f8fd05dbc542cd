"""The appraisal is a choice of each community: a rule says whether there is one from its month on.

Communities that have had marks or appeals keep the appraisal for the months they used it in.
"""

import sqlalchemy as sa
from alembic import op

from gisgrid.storage.base import new_id

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_WEIGHT_BEFORE = 50
_USED = """
SELECT used.community_id, min(used.month), max(used.at) FROM (
    SELECT community_id, month, at FROM external_mark
    UNION ALL SELECT community_id, month, at FROM appraisal_appeal
) AS used
WHERE NOT EXISTS (
    SELECT 1 FROM appraisal_rule
    WHERE appraisal_rule.community_id = used.community_id AND appraisal_rule.month <= used.month
)
GROUP BY used.community_id
"""
_LAST = "SELECT coalesce(max(number), 0) FROM appraisal_rule WHERE community_id = :community"
_KEPT = """
INSERT INTO appraisal_rule (id, community_id, number, month, external_share, made_at, is_on)
VALUES (:id, :community, :number, :month, :share, :at, true)
"""


def upgrade() -> None:
    has_choice: sa.Column[bool] = sa.Column("is_on", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("appraisal_rule", has_choice)
    connection = op.get_bind()
    for community, month, at in connection.execute(sa.text(_USED)).all():
        number = connection.scalar(sa.text(_LAST), {"community": community}) + 1
        row = {"id": new_id(), "community": community, "number": number, "month": month, "at": at}
        connection.execute(sa.text(_KEPT), row | {"share": _WEIGHT_BEFORE})


def downgrade() -> None:
    op.drop_column("appraisal_rule", "is_on")
