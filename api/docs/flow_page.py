"""`docs/flows/<name>.md`: a state machine as a picture and as tables."""

from __future__ import annotations

from api.docs.declared import GENERATED_BY, table
from core.flow import Flow


def flow_page(flow: Flow, module: str) -> str:
    states = [(f"`{name}`", label, "yes" if name in flow.final else "") for name, label in flow.states.items()]
    parts = [
        f"# {flow.title} (`{flow.name}`)",
        f"Declared in `{module.replace('.', '/')}.py`. {GENERATED_BY}",
        f"```mermaid\n{flow.mermaid()}\n```",
        "## States",
        table(("state", "label", "final"), list(states)),
        "## Moves",
        "A name with a dot is a permission that clerks have; other names are roles. A guard must hold, else the move is refused.",
        flow.markdown(),
    ]
    return "\n\n".join(parts) + "\n"
