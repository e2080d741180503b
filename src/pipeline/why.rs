//! One sentence or two on why an opportunity is there and why its decision is what it is.

use serde::Deserialize;

use crate::report::model::{Bound, Opportunity};

/// What a row of `opportunities` says beside its figures.
#[derive(Debug, Deserialize)]
pub(super) struct Reasons {
    /// The path is inferred.
    weak: bool,
    /// The bytes pass an inspection appliance.
    inspected: bool,
    /// Private DNS does not take the host name over.
    uncovered: bool,
    /// Something is deleted or removed.
    deletes: bool,
    /// Other moves would make it a loss.
    undone: bool,
}

/// The reason in plain words, from the opportunity's own figures.
pub(super) fn why(o: &Opportunity, because: &Reasons, remarks: &str) -> String {
    let &Reasons { weak, inspected, uncovered, deletes, undone } = because;
    let remarks: Vec<&str> = remarks.split_whitespace().collect();
    let service = o.service.as_deref().unwrap_or("traffic");
    let gib = o.monthly_gib.unwrap_or_default();
    let what = match o.kind.as_str() {
        "associate_route_table" if remarks.contains(&"hub_unknown") => format!(
            "{gib:.0} GiB a month of {service} leave by a transit gateway or NAT gateway although the VPC has a gateway endpoint: the clients' route tables lack it."
        ),
        "associate_route_table" => format!(
            "{gib:.0} GiB a month of {service} pass a NAT gateway although the VPC has a gateway endpoint: the clients' route tables lack it."
        ),
        "create_gateway_endpoint" if remarks.contains(&"hub_unknown") => format!(
            "{gib:.0} GiB a month of {service} leave by a transit gateway or NAT gateway; a gateway endpoint carries them free of charge."
        ),
        "create_gateway_endpoint" => {
            format!(
                "{gib:.0} GiB a month of {service} pass a NAT gateway; a gateway endpoint carries them free of charge."
            )
        }
        "enable_private_dns" => format!(
            "{gib:.0} GiB a month of {service} pass a NAT gateway although the VPC has an interface endpoint: its private DNS is off."
        ),
        "create_interface_endpoint" => {
            format!("{gib:.0} GiB a month of {service} pass a NAT gateway; an interface endpoint costs less per GiB.")
        }
        "investigate" if remarks.contains(&"nat64") => format!(
            "{gib:.0} GiB a month of {service} are translated by NAT64 at a NAT gateway, and no endpoint carries 64:ff9b::/96: use the service's dual-stack host names, which leave by IPv6, or switch DNS64 off for clients that have IPv4 and an endpoint."
        ),
        "investigate" if uncovered => format!(
            "{gib:.0} GiB a month of {service} pass a NAT gateway under a host name that the private DNS of an endpoint does not take over, or may not: let the clients ask for the Region's usual host name first."
        ),
        "investigate" => format!(
            "{gib:.0} GiB a month of {service} pass a NAT gateway although the way around it exists: look at resolver, host name, endpoint policy or open connections."
        ),
        "replace_interface_with_gateway" => format!(
            "{gib:.0} GiB a month of {service} pay the interface endpoint although a gateway endpoint is free for clients inside the VPC."
        ),
        "delete_idle_interface_endpoint" => {
            format!("The endpoint's hours cost more than its {gib:.0} GiB a month would on the NAT gateway.")
        }
        "remove_nat_gateway" => "Nothing is left on this NAT gateway once the adopted moves are made.".to_owned(),
        "nat_per_az" => {
            format!(
                "{gib:.0} GiB a month cross zones to reach this NAT gateway, for more than a NAT gateway in their own zone costs."
            )
        }
        _ => String::new(),
    };
    let mut reasons = vec![what];
    if inspected {
        reasons.push("Today they pass an inspection appliance, which the endpoint would bypass.".to_owned());
    }
    if weak {
        reasons.push("The path is inferred, not seen: confirm it first.".to_owned());
    }
    if undone {
        reasons.push(
            "It pays only while the traffic stays that other moves worth considering, or a name for its address range, would take away."
                .to_owned(),
        );
    }
    if deletes {
        reasons.push(format!(
            "The logs show this for {:.0} hours; what runs less often would not be seen.",
            o.covered_hours
        ));
    }
    reasons.extend(remarks.iter().filter_map(|code| remark(code)).map(str::to_owned));
    if o.bound == Bound::AtLeast && !o.missing_prices.is_empty() && o.net_usd_month.is_some() {
        reasons.push("A price is missing, so it saves at least that.".to_owned());
    }
    match (o.decision.as_str(), o.range) {
        ("consider", Some(range)) if range.low < 0.0 => {
            reasons.push(format!("A quiet month would lose {:.2} USD.", -range.low));
        }
        ("skip", _) if o.kind != "investigate" => {
            if let Some(gib) = o.break_even_gib_month {
                reasons.push(format!("It pays from {gib:.0} GiB a month."));
            }
        }
        ("unpriced", _) if o.missing_prices.is_empty() => {
            reasons.push("What it saves is not known, so no saving is stated.".to_owned());
        }
        ("unpriced", _) => reasons.push("A price is missing, so no saving is stated.".to_owned()),
        _ => {}
    }
    reasons.join(" ")
}

fn remark(code: &str) -> Option<&'static str> {
    Some(match code {
        "hub_unknown" => {
            "What stands behind the transit gateway is not known: what its NAT gateway costs comes on top, and an inspection there would be bypassed."
        }
        "dns_shared" => "The name is from other VPCs' answers: confirm it with a query log of this VPC.",
        "list_unknown" => "AWS's published ranges stand in for the prefix list, which is not in the inventory.",
        "endpoints_unknown" => "No complete list of the account's endpoints was given: it may be there already.",
        "firewall_proxy" => {
            "A Network Firewall proxy is attached to the NAT gateway: what they pay today, and where they go, is not known, so no saving is stated."
        }
        "internet_firewall" => {
            "An internet firewall inspects at the internet gateway: what it costs, and what it waives, is not known, so no saving is stated."
        }
        "network_function" => {
            "A network function is attached to the transit gateway: its price is not known, so no saving is stated."
        }
        "metered" => {
            "A metering policy may charge the transit gateway's GB to another account, so the saving is not split by payer."
        }
        "hours_kept" => {
            "Not every interface of the endpoint was logged, so others may use it: its hours are not counted as saved."
        }
        _ => return None,
    })
}
