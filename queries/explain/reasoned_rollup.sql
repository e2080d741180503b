-- title: The rollup, with what settled who is the client and who opened
-- reads: observations
-- columns: those of the rollup, oriented_by, opened_from
-- rules: orientation. Only `offramp explain` makes it; the rollup is then its sum, so that both rest on the same reading.
SELECT * EXCLUDE (peer_addr, peer_port, records, packets, bytes, start, last_start, finish, slots),
    peer_key(peer_addr, peer_port) AS peer_key,
    sum(records) AS records,
    sum(packets) AS packets,
    sum(bytes) AS bytes,
    min(start) AS min_start,
    max(finish) AS max_end,
    max(last_start) AS last_start,
    bit_or(slots) AS slots
FROM observations
GROUP BY ALL
