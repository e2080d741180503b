-- title: Low and high monthly GiB of each set of moved bytes, from the spread of its full UTC days
-- reads: moved_hours (opportunity, scope, hour, bytes), scope_hours
-- columns: opportunity, days (n), low_gib, high_gib; days < 2 = no range
-- rules: opportunities, "Range": a full day has 144 covered slots in every scope involved (or slots before its gateway's birth or after its end); 730/24 x (mean +- 2 s / sqrt n), floor 0.
WITH scope_days AS (
    SELECT scope, day FROM (
        SELECT scope, hour, hour / 86400 AS day, bit_or(slots | outside) AS slots FROM scope_hours GROUP BY scope, hour, hour / 86400
    )
    GROUP BY scope, day
    HAVING sum(slot_count(slots)) = 144
),
scopes_of AS (
    SELECT DISTINCT opportunity, scope FROM moved_hours
),
full_days AS (
    SELECT o.opportunity, d.day
    FROM scopes_of o
    JOIN scope_days d ON d.scope = o.scope
    JOIN (SELECT opportunity, count(*) AS scopes FROM scopes_of GROUP BY opportunity) n ON n.opportunity = o.opportunity
    GROUP BY o.opportunity, d.day, n.scopes
    HAVING count(*) = n.scopes
),
day_bytes AS (
    SELECT f.opportunity, f.day, coalesce(sum(m.bytes), 0) / 1073741824.0 AS gib
    FROM full_days f
    LEFT JOIN moved_hours m ON m.opportunity = f.opportunity AND m.hour / 86400 = f.day
    GROUP BY f.opportunity, f.day
)
SELECT opportunity, count(*) AS days,
    greatest(730.0 / 24 * (avg(gib) - 2 * coalesce(stddev_samp(gib), 0) / sqrt(count(*))), 0) AS low_gib,
    730.0 / 24 * (avg(gib) + 2 * coalesce(stddev_samp(gib), 0) / sqrt(count(*))) AS high_gib
FROM day_bytes
GROUP BY opportunity
