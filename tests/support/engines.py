"""Engines whose law or agreements differ from those that ship."""

from policies.engine import Engine
from policies.engine.engine import EngineLimits
from policies.engine.files import ROOT, PolicyFiles, read_policy_files, read_rule_texts

FILES = read_policy_files()
"""What ships."""

TEXTS = read_rule_texts()


def an_engine(files: PolicyFiles) -> Engine:
    """The shipped rules over these files."""
    wasm = (ROOT / "wasm" / "policy.wasm").read_bytes()
    return Engine(wasm, files, TEXTS, EngineLimits())
