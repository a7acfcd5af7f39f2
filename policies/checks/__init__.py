"""Checks what people wrote: an agreement before it starts, with the line, the fault, the mend and the law."""

from policies.checks.check import Checked, check_agreement, check_agreements
from policies.checks.finding import Finding

__all__ = ["Checked", "Finding", "check_agreement", "check_agreements"]
