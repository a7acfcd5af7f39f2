"""An import rule that import-linter lacks: these packages know those packages, and nothing else of ours."""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class KnowsOnlyContract(Contract):
    """Keeps a package from importing anything of this repository but itself and what it may know.

    Options:
        packages: the packages bound by the rule; each must exist, for a rule about nothing guards nothing.
        may_know: the packages that they may import.
    """

    type_name = "knows_only"

    packages = fields.ListField(subfield=fields.StringField())
    may_know = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - the signature is import-linter's
        """Find every direct import that leaves the circle of what a package may know."""
        ours = {module for module in graph.modules if not graph.is_module_squashed(module)}
        offences = [
            f"{importer} -> {imported}"
            for package in self._names(self.packages)
            for importer in sorted(_inside(ours, package))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported in ours and not self._may(package, imported)
        ]
        absent = [package for package in self._names(self.packages) if not _inside(ours, package)]
        offences += [f"{package} is not there to be guarded" for package in absent]
        return ContractCheck(kept=not offences, metadata={"offences": offences})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that broke the rule."""
        for offence in check.metadata["offences"]:
            output.print_error(f"- {offence}", bold=False)

    def _may(self, package: str, imported: str) -> bool:
        return any(_is_within(imported, known) for known in (package, *self._names(self.may_know)))

    @staticmethod
    def _names(field: Any) -> list[str]:
        """Give back as names what the field descriptor types as itself."""
        return [str(name) for name in field]


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _inside(modules: set[str], package: str) -> set[str]:
    return {module for module in modules if _is_within(module, package)}
