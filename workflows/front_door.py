"""How to reach a lead's life, and a revision's rollout, from outside: names and ids, each spelt once."""

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from leads.stages import Stage

TASK_QUEUE = "leads"
LEAD_LIFE = "LeadLife"
"""The workflow's type; its one argument is the lead's id."""
RING = "ring"
"""The doorbell, a signal without payload: there may be news."""
COMMAND = "command"
"""An update: weigh the command with this id; answers granted, refused or expired."""
LEAD_STAGE = SearchAttributeKey.for_keyword("LeadStage")
NEWCOMER = TypedSearchAttributes([SearchAttributePair(LEAD_STAGE, Stage.CAPTURED.value)])
"""What Temporal's page says of a lead until its first turn: to be told at the start costs no Action of its own."""

LIST_LOOK = "ListLook"
"""The type of one look at a bulk list; its one argument is the list's name."""


PLAYBOOK_ROLLOUT = "PlaybookRollout"
"""The workflow's type; its one argument is the revision's number."""
ROLLOUTS_QUEUE = "rollouts"
"""Apart from all leads: whoever moves thousands of promises delays none."""
LEAKS_QUEUE = "leaks"
"""Apart as well: a look at all leads takes minutes."""


def rollout_workflow_id(revision: int) -> str:
    """The workflow of a revision's rollout, over all its runs."""
    return f"rollout:{revision}"


def actions_queue(task_queue: str) -> str:
    """Where the actions of leads on `task_queue` are done: by workers of their own, so that they delay no promise."""
    return f"{task_queue}-actions"


ACTIONS_QUEUE = actions_queue(TASK_QUEUE)


def list_workflow_id(name: str) -> str:
    """The looks at a list, one at a time."""
    return f"list:{name}"


def lead_workflow_id(lead_id: str) -> str:
    """The workflow of a lead, over all its runs."""
    return f"lead:{lead_id}"
