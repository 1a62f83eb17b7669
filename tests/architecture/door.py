"""An import-linter contract: from outside, a package is entered through its public door only.

import-linter's own `protected` contract cannot say "the same package may, others may not" for a wildcard, hence this one. It checks
direct imports: what a package does behind its door is its own business.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils
from importlinter.domain.helpers import module_expressions_to_modules


class PublicDoor(Contract):
    """
    packages            the packages with a door (wildcards allowed; modules without children are no packages)
    inner_packages      packages inside those that have a door of their own as soon as they have a service.py
    doors               names of direct children anyone may import, fnmatch patterns
    doors_for_the_root  further names that `root` may import
    root                the package that wires everything
    """

    type_name = "public_door"

    packages = fields.SetField(subfield=fields.ModuleExpressionField())
    inner_packages = fields.SetField(subfield=fields.ModuleExpressionField(), required=False)
    doors = fields.SetField(subfield=fields.StringField())
    doors_for_the_root = fields.SetField(subfield=fields.StringField(), required=False)
    root = fields.StringField()
    broken_contract_guidance = fields.TextField(required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found: list[str] = []
        anyone = set(self._given("doors"))
        for_root = anyone | set(self._given("doors_for_the_root"))
        packages = {
            module.name for module in module_expressions_to_modules(graph, self._given("packages")) if graph.find_children(module.name)
        }
        inner = {module.name for module in module_expressions_to_modules(graph, self._given("inner_packages"))}
        packages |= {name for name in inner if f"{name}.service" in graph.modules}
        for module in sorted(graph.modules):
            package = max((name for name in packages if inside(module, name)), default=None, key=len)
            if package is None:
                continue
            child = module.removeprefix(package).lstrip(".").split(".")[0]  # empty for the package itself, which is no door
            for importer in sorted(graph.find_modules_that_directly_import(module)):
                doors = for_root if inside(importer, str(self.root)) else anyone
                if inside(importer, package) or any(fnmatchcase(child, door) for door in doors):
                    continue
                details = graph.get_import_details(importer=importer, imported=module)
                found.append(f"{importer} -> {module} (l.{', '.join(str(detail['line_number']) for detail in details)})")
        return ContractCheck(kept=not found, metadata={"found": found})

    def _given(self, name: str) -> Iterable[Any]:
        """A field holds a plain value once the contract is configured, which its declared type does not say."""
        given: Any = getattr(self, name)
        return given or ()

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["found"]:
            output.print_error(f"- {line}", bold=False)
        output.new_line()
        contract_utils.render_broken_contract_guidance(str(self.broken_contract_guidance or ""))


def inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
