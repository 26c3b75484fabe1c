//! Where a delivery may go: which addresses are somebody else's, and a resolver that gives out no others.
//!
//! The check is made on the very addresses that are then connected to, so a name that resolves to something else a moment later (DNS
//! rebinding) gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether an address lies in the public internet: not on this machine, in a private network, link-local, multicast, documentation or
/// otherwise reserved (IANA special-purpose registries).
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || (a == 100 && (64..128).contains(&b)) // shared address space, RFC 6598
        || (a == 192 && b == 0 && c == 0) // protocol assignments, RFC 6890
        || (a == 198 && (b == 18 || b == 19)) // benchmarks, RFC 2544
        || a >= 240) // reserved and broadcast
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, _, _, _, g, h] = ip.segments();
    // An IPv4 address inside an IPv6 one is judged as what it is.
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        (0x64, 0xff9b) => embedded(g, h), // NAT64, RFC 6052
        (0x2002, _) => embedded(b, c),    // 6to4, RFC 3056
        (0x2001, 0xdb8) => false,         // documentation
        (0x2001, 0..=0x01ff) => false,    // protocol assignments, Teredo among them
        _ => a & 0xe000 == 0x2000,        // global unicast is 2000::/3; everything else is special
    }
}

/// What is wrong with the address of a webhook, if anything.
pub fn url_problem(url: &Url, allow_private: bool) -> Option<String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some(
            "a user or password in the address would end up in logs; leave it out".to_owned(),
        );
    }
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        "http" => {
            return Some("callers' data go by https only; http is for destinations with allow_private = true".to_owned());
        }
        other => {
            return Some(format!(
                "\"{other}\" is no way to send a webhook; use https"
            ));
        }
    }
    let Some(host) = url.host_str() else {
        return Some("it names no host".to_owned());
    };
    let ip: Option<IpAddr> = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok();
    match ip {
        Some(ip) if !allow_private && !is_public(ip) => Some(format!(
            "{ip} lies in a private network or on this machine; set allow_private = true if that is meant"
        )),
        _ => None,
    }
}

/// Whether a text is a number in E.164.
pub fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A name led to none but refused addresses.
#[derive(Debug, thiserror::Error)]
#[error(
    "the name leads into a private network or to this machine; set allow_private = true if that is meant"
)]
pub struct PrivateAddress;

/// Resolves names with the system's resolver and gives out public addresses only.
#[derive(Debug, Clone, Default)]
pub struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The connector puts the port in.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|a| is_public(a.ip())).collect();
            if public.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

impl PublicOnly {
    /// As reqwest takes it.
    pub fn shared() -> Arc<Self> {
        Arc::new(PublicOnly)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "198.18.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_address_is_judged_before_it_is_used() {
        let problem = |url: &str, private| url_problem(&Url::parse(url).unwrap(), private);
        for bad in [
            "http://example.com/",
            "ftp://example.com/",
            "https://127.0.0.1/",
            "https://[::1]/x",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://user:pass@example.com/",
            "https://169.254.169.254/latest",
        ] {
            assert!(problem(bad, false).is_some(), "{bad}");
        }
        assert_eq!(problem("https://example.com/hook?x=1", false), None);
        assert_eq!(problem("http://127.0.0.1:8080/", true), None);
        assert!(is_e164("+15125550100") && !is_e164("5125550100") && !is_e164("+1 512"));
    }

    #[tokio::test]
    async fn a_name_that_leads_here_is_refused() {
        let name: Name = "localhost".parse().unwrap();
        let error = PublicOnly.resolve(name).await.err().unwrap();
        assert!(error.to_string().contains("allow_private"), "{error}");
    }
}
