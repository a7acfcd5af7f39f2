"""The recipient's side: takes deliveries in, keeps its own view, signs receipts with its own key."""
