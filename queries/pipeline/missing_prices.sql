-- title: Prices that the report needs and the price book lacks
-- reads: traffic_monthly, move_inputs (as opportunity_inputs of both rounds: moves, nat_changes), nat_gateways, endpoints
-- columns: region, charge
WITH lists AS (
    SELECT missing_prices FROM traffic_monthly WHERE missing_prices IS NOT NULL
    UNION SELECT missing_prices FROM moves WHERE missing_prices IS NOT NULL
    UNION SELECT missing_prices FROM nat_changes WHERE missing_prices IS NOT NULL
    UNION SELECT concat(n.region, ':', CASE WHEN f.is_regional THEN 'regional_nat_az_hour' ELSE 'nat_hour' END)
        FROM nat_gateways n JOIN nat_facts f ON f.nat_gateway_id = n.nat_gateway_id
        WHERE n.hours_usd IS NULL
    UNION SELECT concat(region, ':', hours_charge) FROM endpoints WHERE hours_usd IS NULL AND hours_charge IS NOT NULL
),
items AS (
    SELECT DISTINCT unnest(string_to_array(missing_prices, ' ')) AS item FROM lists
)
SELECT split_part(item, ':', 1) AS region, split_part(item, ':', 2) AS charge
FROM items
WHERE item <> ''
ORDER BY region, charge
