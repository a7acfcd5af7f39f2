"""The ledger's statements, as every database understands them, with their parameters in order."""

LEAVES = "SELECT leaf_index, leaf, record_id FROM leaves WHERE leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index"
UNSETTLED = "SELECT record_id, leaf_index FROM leaves WHERE leaf_index >= (SELECT settled FROM state)"
ADD_LEAF = "INSERT INTO leaves (leaf_index, leaf, record_id) VALUES (?, ?, ?)"

TILE = (
    "SELECT hashes FROM tiles WHERE level = ? AND tile_index = ? UNION ALL "
    "SELECT hashes FROM right_edge WHERE level = ? AND tile_index = ? LIMIT 1"
)
ADD_TILE = "INSERT INTO tiles (level, tile_index, hashes) VALUES (?, ?, ?)"
SET_EDGE = (
    "INSERT INTO right_edge (level, tile_index, hashes) VALUES (?, ?, ?) "
    "ON CONFLICT (level) DO UPDATE SET tile_index = excluded.tile_index, hashes = excluded.hashes"
)

KEPT = "SELECT size, note, at FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?"
LAST_KEPT = "SELECT size, note, at FROM checkpoints ORDER BY size DESC LIMIT 1"
KEEP = "INSERT INTO checkpoints (size, note, at, kept_at) VALUES (?, ?, ?, ?)"

BEGIN_STATE = (
    "INSERT INTO state (id, size, note, at, settled, holder, fencing, until) VALUES (1, 0, '', 0, 0, '', 0, 0) "
    "ON CONFLICT (id) DO NOTHING"
)
HEAD = (
    "SELECT (SELECT coalesce(max(leaf_index) + 1, 0) FROM leaves), size, note, at, "
    "(SELECT max(size) FROM checkpoints), (SELECT max(kept_at) FROM checkpoints), level, tile_index, hashes "
    "FROM state LEFT JOIN right_edge ON true"
)
STATE = "SELECT size, holder, fencing, until FROM state"
GROW = "UPDATE state SET size = ?, note = ?, at = ?, settled = ?, until = ? WHERE fencing = ? AND size = ?"
KEEP_LATEST = (
    "INSERT INTO checkpoints (size, note, at, kept_at) SELECT size, note, at, ? FROM state "
    "WHERE note <> '' AND size NOT IN (SELECT size FROM checkpoints)"
)
SET_LEASE = "UPDATE state SET holder = ?, fencing = ?, until = ?"
