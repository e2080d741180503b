//! Building a world: NAT gateways, endpoints, transit gateways, peering, load balancers.

use super::ranges::Ranges;
use super::topology::{
    Attachment, AttachmentKey, Destination, Endpoint, EndpointKey, EndpointKind, InterfaceKey, ListKey, Nat, NatKey,
    Peering, PeeringKey, PrefixList, Role, Route, SubnetKey, TableKey, Target, TgwKey, TransitGateway, VpcKey, World,
};

impl World {
    /// An internet gateway, and a default route to it in `tables`.
    pub fn internet_gateway(&mut self, vpc: VpcKey, tables: &[TableKey]) {
        let id = self.id("igw");
        self.vpcs[vpc.0].internet_gateway = Some(id);
        for table in tables {
            self.route(*table, "0.0.0.0/0", Target::InternetGateway);
        }
    }

    /// A zonal public NAT gateway in a (public) subnet.
    pub fn nat_gateway(&mut self, subnet: SubnetKey) -> NatKey {
        let key = NatKey(self.nats.len());
        let id = self.id("nat");
        let vpc = self.subnets[subnet.0].vpc;
        let interface = self.interface(subnet, Role::Nat(key));
        let public_ip = std::net::IpAddr::from([198, 51, 100, 10 + key.0 as u8]);
        self.interfaces[interface.0].public_ip = Some(public_ip);
        self.nats.push(Nat {
            id,
            vpc,
            interface: Some(interface),
            route_table: None,
            public_ips: vec![public_ip],
            az_ids: Vec::new(),
            created: self.start - 86_400 * 30,
            deleted: None,
        });
        key
    }

    /// A second private (and public) address of a zonal NAT gateway.
    pub fn nat_second_address(&mut self, nat: NatKey) {
        if let Some(interface) = self.nats[nat.0].interface {
            self.secondary_address(interface);
            self.nats[nat.0].public_ips.push(std::net::IpAddr::from([198, 51, 100, 110 + nat.0 as u8]));
        }
    }

    /// At `time` one zonal NAT gateway follows another: it is created, every route that led to the old one leads to it,
    /// and the old one is deleted.
    pub fn replace_nat_gateway(&mut self, old: NatKey, new: NatKey, time: i64) {
        for table in &mut self.tables {
            let mut moved = Vec::new();
            for route in table.routes.iter_mut().filter(|route| route.target == Target::Nat(old)) {
                moved.push(Route { target: Target::Nat(new), since: Some(time), ..route.clone() });
                route.until = Some(time);
            }
            table.routes.extend(moved);
        }
        self.nats[old.0].deleted = Some(time);
        self.nats[new.0].created = time;
        if let Some(interface) = self.nats[old.0].interface {
            self.interfaces[interface.0].died = Some(time);
        }
        if let Some(interface) = self.nats[new.0].interface {
            self.interfaces[interface.0].born = Some(time);
        }
    }

    /// A regional NAT gateway with its own table (default route to the internet gateway).
    pub fn regional_nat_gateway(&mut self, vpc: VpcKey, az_ids: &[&str]) -> NatKey {
        let key = NatKey(self.nats.len());
        let id = self.id("nat");
        let table = self.route_table(vpc);
        self.route(table, "0.0.0.0/0", Target::InternetGateway);
        let public_ip = |i: usize| std::net::IpAddr::from([107, 22, 182, (139 + 8 * key.0 + i) as u8]);
        self.nats.push(Nat {
            id,
            vpc,
            interface: None,
            route_table: Some(table),
            public_ips: (0..az_ids.len()).map(public_ip).collect(),
            az_ids: az_ids.iter().map(|az| (*az).to_owned()).collect(),
            created: self.start - 86_400 * 30,
            deleted: None,
        });
        key
    }

    /// The prefix list of a gateway service in a Region, made from AWS's ranges on first use.
    pub fn prefix_list(&mut self, service: &str, region: &str) -> ListKey {
        let name = format!("com.amazonaws.{region}.{service}");
        if let Some(at) = self.prefix_lists.iter().position(|list| list.name == name) {
            return ListKey(at);
        }
        let cidrs = Ranges::embedded().networks(&service.to_uppercase(), region);
        let id = format!("pl-{:08x}", 0x63a5_400a_u32.wrapping_add(self.prefix_lists.len() as u32 * 0x0101));
        self.prefix_lists.push(PrefixList { id, name, region: region.to_owned(), cidrs });
        ListKey(self.prefix_lists.len() - 1)
    }

    /// A gateway endpoint (`s3` or `dynamodb`) with its route in `tables`, made at `since`.
    pub fn gateway_endpoint(
        &mut self,
        vpc: VpcKey,
        service: &str,
        tables: &[TableKey],
        since: Option<i64>,
    ) -> EndpointKey {
        let region = self.vpcs[vpc.0].region.clone();
        let list = self.prefix_list(service, &region);
        let key = self.endpoint(vpc, service, EndpointKind::Gateway(list));
        if let Some(since) = since {
            self.endpoints[key.0].created = since;
        }
        for table in tables {
            let route =
                Route { destination: Destination::PrefixList(list), target: Target::Endpoint(key), since, until: None };
            self.tables[table.0].routes.push(route);
        }
        key
    }

    /// An interface endpoint with one interface in each subnet.
    pub fn interface_endpoint(&mut self, vpc: VpcKey, service: &str, subnets: &[SubnetKey]) -> EndpointKey {
        let key = self.endpoint(vpc, service, EndpointKind::Interface(Vec::new()));
        let interfaces = subnets.iter().map(|s| self.interface(*s, Role::InterfaceEndpoint(key))).collect();
        self.endpoints[key.0].kind = EndpointKind::Interface(interfaces);
        self.endpoints[key.0].private_dns = true;
        key
    }

    /// A Gateway Load Balancer endpoint in a subnet.
    pub fn gwlb_endpoint(&mut self, subnet: SubnetKey, service: &str) -> EndpointKey {
        let vpc = self.subnets[subnet.0].vpc;
        let interface = self.interface(subnet, Role::Instance);
        let key = self.endpoint(vpc, service, EndpointKind::Gwlb(interface));
        self.interfaces[interface.0].role = Role::GwlbEndpoint(key);
        self.interfaces[interface.0].instance_id = None;
        key
    }

    /// An endpoint of Network Firewall in a subnet.
    pub fn firewall_endpoint(&mut self, subnet: SubnetKey) -> EndpointKey {
        let region = self.vpcs[self.subnets[subnet.0].vpc.0].region.clone();
        let key = self.gwlb_endpoint(subnet, &format!("com.amazonaws.vpce.{region}.vpce-svc-0fedcba9876543210"));
        let endpoint = &mut self.endpoints[key.0];
        (endpoint.firewall, endpoint.requester_managed) = (true, true);
        key
    }

    fn endpoint(&mut self, vpc: VpcKey, service: &str, kind: EndpointKind) -> EndpointKey {
        let id = self.id("vpce");
        self.endpoints.push(Endpoint {
            id,
            kind,
            vpc,
            service: service.to_owned(),
            created: self.start - 86_400 * 20,
            deleted: None,
            private_dns: false,
            requester_managed: false,
            firewall: false,
        });
        EndpointKey(self.endpoints.len() - 1)
    }

    /// The interfaces of an interface or GWLB endpoint.
    pub fn endpoint_interfaces(&self, key: EndpointKey) -> &[InterfaceKey] {
        match &self.endpoints[key.0].kind {
            EndpointKind::Interface(interfaces) => interfaces,
            EndpointKind::Gwlb(interface) => std::slice::from_ref(interface),
            EndpointKind::Gateway(_) => &[],
        }
    }

    /// A transit gateway.
    pub fn transit_gateway(&mut self, account: &str, region: &str) -> TgwKey {
        let (id, table_id) = (self.id("tgw"), self.id("tgw-rtb"));
        self.tgws.push(TransitGateway {
            id,
            account: account.to_owned(),
            region: region.to_owned(),
            table_id,
            routes: Vec::new(),
        });
        TgwKey(self.tgws.len() - 1)
    }

    /// A VPC attachment with an interface in each subnet; the VPC's CIDRs are routed to it.
    pub fn attach(&mut self, tgw: TgwKey, vpc: VpcKey, subnets: &[SubnetKey]) -> AttachmentKey {
        let key = AttachmentKey(self.attachments.len());
        let id = self.id("tgw-attach");
        let interfaces = subnets.iter().map(|s| self.interface(*s, Role::TransitGateway(key))).collect();
        self.attachments.push(Attachment { id, tgw, vpc, interfaces });
        for cidr in self.vpcs[vpc.0].cidrs.clone() {
            self.tgws[tgw.0].routes.push((cidr, key));
        }
        key
    }

    /// A static route of a transit gateway.
    pub fn tgw_route(&mut self, tgw: TgwKey, destination: &str, attachment: AttachmentKey) {
        let net = self.parse(destination, ipnet::IpNet::from(std::net::IpAddr::from([0, 0, 0, 0])));
        self.tgws[tgw.0].routes.push((net, attachment));
    }

    /// A peering connection.
    pub fn peer(&mut self, requester: VpcKey, accepter: VpcKey) -> PeeringKey {
        let id = self.id("pcx");
        self.peerings.push(Peering { id, requester, accepter });
        PeeringKey(self.peerings.len() - 1)
    }

    /// One interface of a network load balancer.
    pub fn network_load_balancer(&mut self, subnet: SubnetKey, name: &str) -> InterfaceKey {
        let id = self.id("x");
        let path = format!("net/{name}/{}", id.trim_start_matches("x-0"));
        self.interface(subnet, Role::NetworkLoadBalancer(path))
    }

    /// One interface of an application load balancer.
    pub fn application_load_balancer(&mut self, subnet: SubnetKey, name: &str) -> InterfaceKey {
        let id = self.id("x");
        let path = format!("app/{name}/{}", id.trim_start_matches("x-0"));
        self.interface(subnet, Role::ApplicationLoadBalancer(path))
    }
}
