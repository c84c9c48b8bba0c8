"""What a list of leads may be asked for: each filter, what nothing fits, and some together."""

from storage.queries import ClockState, LeadFilter

FILTERS = {
    "no filter": LeadFilter(),
    "stage assigned": LeadFilter(stage="assigned"),
    "stage lost": LeadFilter(stage="lost"),
    "stage merged (none)": LeadFilter(stage="merged"),
    "team closers": LeadFilter(team="closers"),
    "owner ana": LeadFilter(owner="ana"),
    "owner unknown (none)": LeadFilter(owner="nobody"),
    "source webinar": LeadFilter(source="webinar"),
    "ignored": LeadFilter(ignored=True),
    "not ignored": LeadFilter(ignored=False),
    "stuck": LeadFilter(stuck=True),
    "not stuck": LeadFilter(stuck=False),
    "untouched": LeadFilter(untouched=True),
    "touched": LeadFilter(untouched=False),
    "clock feedback": LeadFilter(clock="feedback"),
    "clock stage": LeadFilter(clock="stage"),
    "clock accept (none)": LeadFilter(clock="accept"),
    **{f"clock state {state}": LeadFilter(clock_state=state) for state in ClockState},
    **{f"first touch {state}": LeadFilter(clock="first_touch", clock_state=state) for state in ClockState},
    "team closers, stage assigned (none)": LeadFilter(team="closers", stage="assigned"),
    "source webinar, stage won (none)": LeadFilter(source="webinar", stage="won"),
    "owner cleo, untouched": LeadFilter(owner="cleo", untouched=True),
    "owner ana, stage assigned, untouched": LeadFilter(owner="ana", stage="assigned", untouched=True),
    "team sales, first touch overdue": LeadFilter(team="sales", clock="first_touch", clock_state=ClockState.OVERDUE),
    "team closers, overdue (none)": LeadFilter(team="closers", clock_state=ClockState.OVERDUE),
    "stage lost, ignored": LeadFilter(stage="lost", ignored=True),
    "stage working, ignored (none)": LeadFilter(stage="working", ignored=True),
}
