"""The page of every setting, made from the one place that reads them."""

from broker.runtimes.settings import KNOWN


def page() -> str:
    """Write the page."""
    rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in KNOWN.items())
    return f"""# Settings

Settings come from the environment and nowhere else; `--home` wins over `MASH_HOME`. Defaults are safe in production.
A `MASH_` variable that nothing reads is an error, so that a misspelt one cannot pass for set. Made by `make generate`.

| variable | meaning |
|---|---|
{rows}
"""
