/** Source of health probes: what comes from it passes a captured pod's rules (ambient.md 7.1). */
export const PROBE_SOURCE = "169.254.7.127";
/** The same for IPv6. */
export const PROBE_SOURCE_6 = "fd16:9254:7127:1337:ffff:ffff:ffff:ffff";
