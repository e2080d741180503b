//! The example records of AWS's documentation.

use super::{Logs, RDP, SSH};

#[tokio::test]
async fn default_format_without_header() {
    let records = [
        SSH,
        RDP,
        "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA",
        "2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1431280876 1431280934 - SKIPDATA",
        "2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.139 0 0 1 4 336 1432917027 1432917142 ACCEPT OK",
        "2 123456789010 eni-1235b8ca123456789 172.31.16.139 203.0.113.12 0 0 1 4 336 1432917094 1432917142 REJECT OK",
        "2 123456789010 eni-1235b8ca123456789 2001:db8:1234:a100:8d6e:3477:df66:f105 \
         2001:db8:1234:a102:3304:8879:34cf:4071 34892 22 6 54 8855 1477913708 1477913820 ACCEPT OK",
    ];
    let logs = Logs::of("documented.log", records.join("\n"));
    let rows = logs
        .rows("SELECT log_status, action, protocol, count(*), sum(bytes) FROM flow_logs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
        .await;
    assert_eq!(
        rows,
        [
            "NODATA|||1|",
            "OK|ACCEPT|1|1|336",
            "OK|ACCEPT|6|2|13104",
            "OK|REJECT|1|1|336",
            "OK|REJECT|6|1|4249",
            "SKIPDATA|||1|"
        ]
    );
    assert_eq!(logs.summary().malformed, 0);
}

/// Interface, subnet and instance are `-`: only `resource-id` names the gateway. The documented columns, plus the two
/// that every figure needs.
#[tokio::test]
async fn regional_nat_gateway() {
    let text = "resource-id instance-id interface-id subnet-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr bytes start\n\
                nat-1234567890abcdef - - - 10.0.1.5        203.0.113.5     10.0.1.5        203.0.113.5     1 100\n\
                nat-1234567890abcdef - - - 107.22.182.139  203.0.113.5     107.22.182.139  203.0.113.5     2 100\n";
    let logs = Logs::of("regional.log", text);
    let rows =
        logs.rows("SELECT resource_id, interface_id, subnet_id, srcaddr, pkt_dstaddr, bytes FROM flow_logs").await;
    assert_eq!(
        rows,
        ["nat-1234567890abcdef|||10.0.1.5|203.0.113.5|1", "nat-1234567890abcdef|||107.22.182.139|203.0.113.5|2"]
    );
}
