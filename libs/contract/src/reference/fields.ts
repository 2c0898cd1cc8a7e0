/**
 * The wire contract as a table of our own: what the published messages are, independent of proto/ and of the code made
 * from it. A test compares all three.
 *
 * A field is `number name type`; the type may begin with `repeated` or `optional`, be a `map<key, value>`, and end with
 * `in <oneof>`. Types without a package are of the message's own package.
 */
export const MESSAGES: Readonly<Record<string, readonly string[]>> = {
  "istio.workload.Address": ["1 workload Workload in type", "2 service Service in type"],
  "istio.workload.Workload": [
    "1 name string",
    "2 namespace string",
    "3 addresses repeated bytes",
    "4 network string",
    "5 tunnel_protocol TunnelProtocol",
    "6 trust_domain string",
    "7 service_account string",
    "8 waypoint GatewayAddress",
    "9 node string",
    "10 canonical_name string",
    "11 canonical_revision string",
    "12 workload_type WorkloadType",
    "13 workload_name string",
    "14 native_tunnel bool",
    "16 authorization_policies repeated string",
    "17 status WorkloadStatus",
    "18 cluster_id string",
    "19 network_gateway GatewayAddress",
    "20 uid string",
    "21 hostname string",
    "22 services map<string, PortList>",
    "23 application_tunnel ApplicationTunnel",
    "24 locality Locality",
    "25 network_mode NetworkMode",
    "26 extensions repeated Extension",
    "27 capacity google.protobuf.UInt32Value",
  ],
  "istio.workload.Service": [
    "1 name string",
    "2 namespace string",
    "3 hostname string",
    "4 addresses repeated NetworkAddress",
    "5 ports repeated Port",
    "6 subject_alt_names repeated string",
    "7 waypoint GatewayAddress",
    "8 load_balancing LoadBalancing",
    "9 ip_families IPFamilies",
    "10 extensions repeated Extension",
    "11 canonical bool",
    "12 ingress_use_waypoint bool",
    "13 weighted_waypoints repeated WeightedWaypoint",
    "14 visibility Service.Visibility",
  ],
  "istio.workload.LoadBalancing": [
    "1 routing_preference repeated LoadBalancing.Scope",
    "2 mode LoadBalancing.Mode",
    "3 health_policy LoadBalancing.HealthPolicy",
  ],
  "istio.workload.Locality": ["1 region string", "2 zone string", "3 subzone string"],
  "istio.workload.PortList": ["1 ports repeated Port"],
  "istio.workload.Port": ["1 service_port uint32", "2 target_port uint32", "3 app_protocol AppProtocol"],
  "istio.workload.ApplicationTunnel": ["1 protocol ApplicationTunnel.Protocol", "2 port uint32"],
  "istio.workload.GatewayAddress": [
    "1 hostname NamespacedHostname in destination",
    "2 address NetworkAddress in destination",
    "3 hbone_mtls_port uint32",
  ],
  "istio.workload.WeightedWaypoint": ["1 destination GatewayAddress", "2 weight uint32"],
  "istio.workload.NetworkAddress": ["1 network string", "2 address bytes", "3 length optional uint32"],
  "istio.workload.NamespacedHostname": ["1 namespace string", "2 hostname string"],
  "istio.workload.Extension": ["1 name string", "2 config google.protobuf.Any"],

  "istio.security.Authorization": [
    "1 name string",
    "2 namespace string",
    "3 scope Scope",
    "4 action Action",
    "5 groups repeated Group",
    "6 dry_run bool",
    "7 extensions repeated istio.workload.Extension",
  ],
  "istio.security.Group": ["1 rules repeated Rules"],
  "istio.security.Rules": ["2 matches repeated Match"],
  "istio.security.Match": [
    "1 namespaces repeated StringMatch",
    "2 not_namespaces repeated StringMatch",
    "3 principals repeated StringMatch",
    "4 not_principals repeated StringMatch",
    "5 source_ips repeated Address",
    "6 not_source_ips repeated Address",
    "7 destination_ips repeated Address",
    "8 not_destination_ips repeated Address",
    "9 destination_ports repeated uint32",
    "10 not_destination_ports repeated uint32",
    "11 service_accounts repeated ServiceAccountMatch",
    "12 not_service_accounts repeated ServiceAccountMatch",
    "13 extensions repeated istio.workload.Extension",
  ],
  "istio.security.Address": ["1 address bytes", "2 length uint32"],
  "istio.security.ServiceAccountMatch": ["1 namespace string", "2 serviceAccount string"],
  "istio.security.StringMatch": [
    "1 exact string in match_type",
    "2 prefix string in match_type",
    "3 suffix string in match_type",
    "4 presence google.protobuf.Empty in match_type",
  ],

  "istio.v1.auth.IstioCertificateRequest": [
    "1 csr string",
    "3 validity_duration int64",
    "4 metadata google.protobuf.Struct",
  ],
  "istio.v1.auth.IstioCertificateResponse": ["1 cert_chain repeated string"],

  "istio.workload.zds.ZdsHello": ["1 version Version"],
  "istio.workload.zds.WorkloadInfo": ["1 name string", "2 namespace string", "3 service_account string"],
  "istio.workload.zds.AddWorkload": ["1 uid string", "2 workload_info WorkloadInfo"],
  "istio.workload.zds.KeepWorkload": ["1 uid string"],
  "istio.workload.zds.DelWorkload": ["2 uid string"],
  "istio.workload.zds.SnapshotSent": [],
  "istio.workload.zds.Ack": ["1 error string"],
  "istio.workload.zds.WorkloadRequest": [
    "1 add AddWorkload in payload",
    "2 del DelWorkload in payload",
    "3 snapshot_sent SnapshotSent in payload",
    "5 keep KeepWorkload in payload",
  ],
  "istio.workload.zds.WorkloadResponse": ["1 ack Ack in payload"],

  "envoy.service.discovery.v3.Node": ["1 id string", "2 cluster string", "3 metadata google.protobuf.Struct"],
  // Wire-identical to google.rpc.Status.
  "envoy.service.discovery.v3.Status": [
    "1 code int32",
    "2 message string",
    "3 details repeated google.protobuf.Any",
  ],
  "envoy.service.discovery.v3.DeltaDiscoveryRequest": [
    "1 node Node",
    "2 type_url string",
    "3 resource_names_subscribe repeated string",
    "4 resource_names_unsubscribe repeated string",
    "5 initial_resource_versions map<string, string>",
    "6 response_nonce string",
    "7 error_detail Status",
  ],
  "envoy.service.discovery.v3.DeltaDiscoveryResponse": [
    "1 system_version_info string",
    "2 resources repeated Resource",
    "4 type_url string",
    "5 nonce string",
    "6 removed_resources repeated string",
  ],
  "envoy.service.discovery.v3.CacheControl": ["1 do_not_cache bool"],
  "envoy.service.discovery.v3.Resource": [
    "1 version string",
    "2 resource google.protobuf.Any",
    "3 name string",
    "4 aliases repeated string",
    "6 ttl google.protobuf.Duration",
    "7 cache_control CacheControl",
  ],

  "google.protobuf.Any": ["1 type_url string", "2 value bytes"],
  "google.protobuf.Duration": ["1 seconds int64", "2 nanos int32"],
  "google.protobuf.Empty": [],
  "google.protobuf.Struct": ["1 fields map<string, Value>"],
  "google.protobuf.Value": [
    "1 null_value NullValue in kind",
    "2 number_value double in kind",
    "3 string_value string in kind",
    "4 bool_value bool in kind",
    "5 struct_value Struct in kind",
    "6 list_value ListValue in kind",
  ],
  "google.protobuf.ListValue": ["1 values repeated Value"],
  "google.protobuf.UInt32Value": ["1 value uint32"],
};

/** Values in the order of their numbers, from 0. */
export const ENUMS: Readonly<Record<string, readonly string[]>> = {
  "istio.workload.IPFamilies": ["AUTOMATIC", "IPV4_ONLY", "IPV6_ONLY", "DUAL"],
  "istio.workload.NetworkMode": ["STANDARD", "HOST_NETWORK"],
  "istio.workload.Service.Visibility": ["PUBLIC", "NAMESPACE"],
  "istio.workload.LoadBalancing.Scope": [
    "UNSPECIFIED_SCOPE",
    "REGION",
    "ZONE",
    "SUBZONE",
    "NODE",
    "CLUSTER",
    "NETWORK",
  ],
  "istio.workload.LoadBalancing.Mode": ["UNSPECIFIED_MODE", "STRICT", "FAILOVER", "PASSTHROUGH"],
  "istio.workload.LoadBalancing.HealthPolicy": ["ONLY_HEALTHY", "ALLOW_ALL"],
  "istio.workload.WorkloadStatus": ["HEALTHY", "UNHEALTHY"],
  "istio.workload.WorkloadType": ["DEPLOYMENT", "CRONJOB", "POD", "JOB"],
  "istio.workload.AppProtocol": ["UNKNOWN", "HTTP11", "HTTP2", "GRPC", "TCP", "TLS"],
  "istio.workload.TunnelProtocol": ["NONE", "HBONE", "LEGACY_ISTIO_MTLS"],
  "istio.workload.ApplicationTunnel.Protocol": ["NONE", "PROXY"],
  "istio.security.Scope": ["GLOBAL", "NAMESPACE", "WORKLOAD_SELECTOR"],
  "istio.security.Action": ["ALLOW", "DENY"],
  "istio.workload.zds.Version": ["NOT_USED", "V1"],
  "google.protobuf.NullValue": ["NULL_VALUE"],
};

/** Numbers and names that were used once and must never come back. */
export const RESERVED: Readonly<Record<string, readonly (number | string)[]>> = {
  "istio.workload.Workload": [15],
  "istio.workload.GatewayAddress": [4, "hbone_single_tls_port"],
  "istio.workload.zds.WorkloadInfo": [4, "trust_domain"],
  "istio.v1.auth.IstioCertificateRequest": [2],
  "envoy.service.discovery.v3.DeltaDiscoveryResponse": [3],
};

/** HTTP/2 path of each method, with the messages it takes and gives; `stream` on the sides that stream. */
export const METHODS: Readonly<Record<string, string>> = {
  "/istio.v1.auth.IstioCertificateService/CreateCertificate":
    "istio.v1.auth.IstioCertificateRequest istio.v1.auth.IstioCertificateResponse",
  "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources":
    "stream envoy.service.discovery.v3.DeltaDiscoveryRequest stream envoy.service.discovery.v3.DeltaDiscoveryResponse",
};
