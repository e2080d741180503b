//! The rules in plain words: one sentence for each code that the statements of `queries/explain` give.

use super::model::{Explanation, Named, Oriented, Taken};

/// Fills in the sentences.
pub(crate) fn put_rules(explanation: &mut Explanation) {
    for piece in &mut explanation.pieces {
        piece.rule = of_piece(&piece.reason).to_owned();
    }
    for row in &mut explanation.orientation {
        row.rule = of_orientation(row);
        row.opened_rule = of_initiator(row).to_owned();
    }
    for row in &mut explanation.services {
        row.rule = of_service(row);
    }
    for row in &mut explanation.paths {
        row.rule = of_path(row);
    }
    for row in &mut explanation.unmoved {
        row.rule = of_unmoved(&row.reason).to_owned();
    }
}

fn of_piece(reason: &str) -> &'static str {
    match reason {
        "client_leg" => "a NAT gateway's own rows of its client leg: the log covers these hours, so they count",
        "client_leg_partial" => {
            "a NAT gateway's own rows in hours that its log does not cover: they show at least as much as the clients' rows"
        }
        "inferred_client_leg" => {
            "rows of an interface that behaves like a NAT gateway (no inventory says so): its client leg"
        }
        "endpoint_rows" => "an endpoint interface's own rows: the log covers these hours, so they count",
        "endpoint_rows_partial" => {
            "an endpoint interface's own rows in hours that its log does not cover: they show at least as much as the clients' rows"
        }
        "stands_in" => "the client's rows stand in: the gateway's log does not cover the hour, and they show more",
        "appliance_speaks" => "an appliance's rows: it forwards for a client whose own interface is not logged",
        "own_rows" => "the client's own rows: no gateway with a covered hour shows the same client, peer and hour",
        "own_rows_peer_opened" => {
            "the client's own rows: the peer opened the connection, so it never went through a NAT gateway"
        }
        "own_rows_private" => {
            "private traffic, at the end whose subnet shows more (at equal bytes, the end that opened)"
        }
        "blind_internet_leg" => {
            "the internet leg of a NAT gateway logged without packet fields, less what its clients' own rows show: some client has no log"
        }
        "other_number" => "counted in the report, but under another service, client or gateway than asked",
        "matched_at_gateway" => {
            "the same client, peer and hour is counted at a NAT gateway or endpoint whose hour is covered: never both"
        }
        "smaller_than_gateway" => {
            "the gateway's hour is not covered, and its own rows show at least as much: the larger of both, never the sum"
        }
        "workload_stands_in" => {
            "the hour is not covered, and the client's rows show more: the larger of both, never the sum"
        }
        "forwarded" => {
            "what an instance forwards for others under its own address, once more: its clients' rows or its other side show the same bytes"
        }
        "other_end" => "both ends log this private traffic and the other one stands for it",
        "client_logged" => "an appliance forwards for a client whose own interface is logged: that one speaks",
        "nat_internet" => "the internet leg of a NAT gateway: each byte of the client leg once more, a checksum",
        "nat_blind_client" => {
            "the client leg of a NAT gateway logged without packet fields: it does not name the peers"
        }
        "clients_show_it" => {
            "the internet leg of a NAT gateway logged without packet fields: its clients' own rows show these bytes"
        }
        "hop" => "a transit gateway or Gateway Load Balancer endpoint on the way: tells the hops, counts nothing",
        "transit_gateway_log" => "a transit gateway's own flow log: tells the hops, counts nothing",
        "unoriented" => "neither side can be told to be the client; in no number but `unoriented_bytes`",
        "other_flow_log" => {
            "another flow log of the same interface was chosen for the day or hour (98 % of the bytes, then most fields)"
        }
        "reject" => "rejected by a security group or network ACL: no traffic",
        "nodata" => "NODATA: the interface was silent; coverage only",
        "skipdata" => "SKIPDATA: AWS lost records here, so the hour is not covered",
        _ => "no rule is written down for this",
    }
}

fn of_orientation(row: &Oriented) -> String {
    let client = match row.vantage.as_deref().unwrap_or_default() {
        "nat_gateway" if row.leg.as_deref() == Some("internet") => {
            "internet leg: the NAT gateway stands for the client"
        }
        "nat_gateway" if row.leg.as_deref() == Some("internet_blind") => {
            "internet leg: the NAT gateway stands for the client"
        }
        "nat_gateway" => "whoever sends to the NAT gateway from inside is the client",
        "interface_endpoint" | "other_endpoint" => "whoever sends to the endpoint is the client",
        "regional_nat_gateway" | "transit_gateway" | "gwlb_endpoint" => "the private side is the client",
        _ => "the interface's own side is the client",
    };
    let known = match row.oriented_by.as_deref() {
        Some("flow_direction") => "the log's flow-direction says which way",
        Some("own_address") => "one side is the interface's own address",
        Some("only_address") => {
            "one side is the address that stands in every record of the interface, which the inventory does not list"
        }
        Some("vpc_cidr") => "one side lies in the VPC's CIDR",
        Some("private_range") => "one side is a private address",
        Some("private_side") => "only one side is private",
        Some("initiator") => "both sides look alike: the one that opened is the client",
        Some("source") => "both sides are private and nobody is known to have opened: the source is the client",
        _ => "not known which way: unoriented",
    };
    format!("{client}; {known}")
}

fn of_initiator(row: &Oriented) -> &'static str {
    match (row.initiator.as_deref(), row.opened_from.as_deref()) {
        (Some("client"), Some("tcp_flags")) => "the client opened: TCP flags (SYN alone, or SYN-ACK the other way)",
        (Some("client"), Some("port_below_1024")) => "the client opened: the peer's port is below 1024, its own is not",
        (Some("client"), Some("port_below_32768")) => {
            "the client opened: the peer's port is below 32768, its own is not"
        }
        (Some("peer"), Some("tcp_flags")) => "the peer opened: TCP flags. Never through a NAT gateway",
        (Some("peer"), Some("port_below_1024")) => {
            "the peer opened: the client's port is below 1024, its own is not. Never through a NAT gateway"
        }
        (Some("peer"), Some("port_below_32768")) => {
            "the peer opened: the client's port is below 32768, its own is not. Never through a NAT gateway"
        }
        (Some(_), _) => "who opened is unknown: ports tell nothing, or the protocol has none",
        (None, _) => "an internet leg: who opened is not kept",
    }
}

fn of_service(row: &Named) -> String {
    let label = row.service.starts_with("range:");
    let step = match row.service_evidence.as_deref() {
        Some("endpoint") => "1. endpoint: the peer is an interface of an endpoint, whose service this is",
        Some("flow_field") if label => "4. the log's own service field names only a range of addresses",
        Some("flow_field") => "2. the log's own service field (pkt-src/dst-aws-service)",
        Some("prefix_list") => "2. the peer lies in the prefix list of a gateway service",
        Some("ip_ranges") if label => "4. the longest of AWS's published ranges around the peer: a range, no service",
        Some("ip_ranges") => "2. one of AWS's published ranges of the service holds the peer",
        Some("dns") => "3. DNS: the answers of the client or its VPC name one service in one Region",
        Some("dns_shared") => {
            "3. DNS: the VPC has no query log; those of its account and Region name one service in one Region"
        }
        Some("inventory") => "the peer is the public address of a load balancer of the inventory: its own, no service",
        _ if row.service == "private" => "the peer is a private address: nobody's service",
        _ => "4. none of AWS's ranges holds the peer",
    };
    let dns = match row.dns_verdict.as_deref() {
        Some("ambiguous") => "; DNS gave several services, or a service and another name: not used",
        Some("outside") => "; DNS gave a name outside the endpoint catalogue",
        Some("conflict") => "; DNS names another service: the code stays, the conflict is counted",
        Some("agrees") => "; DNS agrees or has nothing against it",
        _ => "",
    };
    format!("{step}{dns}")
}

fn of_path(row: &Taken) -> String {
    if row.nat_unmatched {
        return "route tables lead to a NAT gateway whose log covers the hour and does not show them: they were not on it".into();
    }
    let evidence = match row.path_evidence.as_deref() {
        Some("interface") => {
            "1. counted at the gateway's or endpoint's own interface, or the peer is an endpoint's address"
        }
        Some("initiator") => "2. a public peer opened the connection, so no NAT gateway carried it",
        Some("next_hop") => "3. the log's next-hop interface",
        Some("traffic_path") => "4. the log's traffic-path",
        Some("reverse_flow") => {
            "5. traffic-path or next hop of the same exchange the other way: inbound rows have none"
        }
        Some("route_table") => "6. the route tables, from the client's subnet on",
        Some("inferred") => "7. inferred without inventory: low confidence",
        _ => "no evidence settles it",
    };
    let conflict = if row.conflict { "; the log and the route tables disagree, and the log wins" } else { "" };
    let unmatched =
        if row.endpoint_unmatched { "; the endpoint's log covers the hour and does not show them" } else { "" };
    format!("{evidence}{conflict}{unmatched}")
}

fn of_unmoved(reason: &str) -> &'static str {
    match reason {
        "range_label" => {
            "a range of addresses is no service: unresolved bytes are never movable (Resolver query logs may name them)"
        }
        "no_aws_service" => "the peer is no AWS service: no VPC endpoint leads to it",
        "other_region" => "the service is in another Region, or its Region is unknown: an endpoint serves its own only",
        "owner_unknown" => "the client's VPC is unknown, and an endpoint belongs to one",
        "no_endpoint_takes_it" => "the service has no endpoint whose private DNS takes over the name",
        "endpoint_kept" => "they are on an endpoint already, and it is worth keeping or not advised on",
        "endpoint_ends" => "another change of the endpoint that could take them saves more",
        "private_apis_only" => "the endpoint of execute-api carries private APIs only, and these are public ones",
        "nat64" => "NAT64 translates them, and no endpoint carries 64:ff9b::/96: dual-stack names, or DNS64 off, would",
        "onward_unknown" => {
            "they leave by a transit gateway whose way on is not known: only S3 and DynamoDB could surely leave it"
        }
        "path_unknown" => "the path is unknown, so nothing is saved for certain",
        _ => "they do not pass a NAT gateway: nothing to save",
    }
}
