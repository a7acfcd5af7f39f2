"""Everything that shows the product keeps its promises."""
