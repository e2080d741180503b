-- title: What each change of a NAT gateway itself saves and adds in a month, before any decision
-- reads: nat_candidates, unknown_effects
-- columns: as move_inputs
SELECT
    concat(c.kind, '|', c.nat_gateway_id) AS opportunity, kind, nat_gateway_id AS endpoint_id, account_id, region, vpc_id,
    CAST(NULL AS VARCHAR) AS service, CAST(NULL AS VARCHAR) AS endpoint_service_name,
    CASE kind WHEN 'nat_per_az' THEN bytes ELSE 0 END AS observed_bytes,
    CASE kind WHEN 'nat_per_az' THEN gib ELSE 0.0 END AS gib,
    CASE kind WHEN 'nat_per_az' THEN zones ELSE az_count END AS az_count,
    0.0 AS saves_nat_processing,
    CASE kind WHEN 'nat_per_az' THEN inter_az_usd ELSE 0 END AS saves_inter_az,
    0.0 AS saves_transit_gateway, 0.0 AS saves_gwlb_processing, 0.0 AS saves_firewall_processing, 0.0 AS saves_endpoint_processing, 0.0 AS saves_endpoint_hours,
    CASE kind WHEN 'remove_nat_gateway' THEN hours_usd * az_count ELSE 0 END AS saves_nat_hours,
    CASE WHEN kind = 'remove_nat_gateway' AND is_public THEN ipv4_usd * public_address_count ELSE 0 END AS saves_public_ipv4,
    false AS lacks_saving, 0.0 AS adds_nat_processing, 0.0 AS adds_inter_az, 0.0 AS fee_gib, 0.0 AS fee_from_gib, 0.0 AS zone_hours_usd,
    CASE WHEN kind = 'nat_per_az' AND new_gateways > 0 THEN hours_usd * new_gateways ELSE 0 END AS adds_nat_hours,
    CASE WHEN kind = 'nat_per_az' AND is_public AND new_gateways > 0 THEN ipv4_usd * new_gateways ELSE 0 END AS adds_public_ipv4,
    false AS weak, false AS inspected, false AS uncovered, false AS nat64, kind = 'remove_nat_gateway' AS deletes,
    kind = 'nat_per_az' AND undone AS undone,
    u.opportunity IS NOT NULL AS effect_unknown,
    false AS cautious, concat(kind, '|', nat_gateway_id) AS choice, 0.0 AS rival_usd, 'high' AS confidence, coalesce(u.effects, '') AS remarks,
    concat_ws(' ',
        CASE WHEN hours_usd IS NULL THEN concat(region, ':', CASE WHEN is_regional THEN 'regional_nat_az_hour' ELSE 'nat_hour' END) END,
        CASE WHEN is_public AND ipv4_usd IS NULL THEN concat(region, ':public_ipv4_hour') END) AS missing_prices
FROM nat_candidates c
LEFT JOIN unknown_effects u ON u.opportunity = concat('nat|', c.nat_gateway_id)
