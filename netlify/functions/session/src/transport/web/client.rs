//! The address that a request comes from, behind the proxies that the owner trusts. Pure.

use std::net::{IpAddr, SocketAddr};

/// Counts from the right: each proxy appends the address that connected to it, and the client can invent everything
/// further left. `trusted` is the number of proxies in front. If a proxy wrote no address, or too few wrote one, the
/// request counts for the address that connected.
pub(super) fn address(peer: IpAddr, headers: &[(String, String)], trusted: usize) -> IpAddr {
    let lines = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("x-forwarded-for"));
    let mut hops = lines.rev().flat_map(|(_, value)| value.rsplit(','));
    let named = trusted.checked_sub(1).and_then(|skipped| hops.nth(skipped));
    named.and_then(parse).unwrap_or(peer)
}

/// With or without a port, IPv6 with or without brackets: all of these occur.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let with_port = || Some(text.parse::<SocketAddr>().ok()?.ip());
    bare.unwrap_or(text).parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "10.0.0.1";

    fn of(lines: &[&str], trusted: usize) -> String {
        let headers: Vec<_> = lines
            .iter()
            .map(|line| ("X-Forwarded-For".to_owned(), (*line).to_owned()))
            .collect();
        address(PEER.parse().unwrap(), &headers, trusted).to_string()
    }

    #[test]
    fn header_counts_for_nothing_without_a_trusted_proxy() {
        assert_eq!(of(&["192.0.2.1"], 0), PEER);
        assert_eq!(of(&[], 1), PEER);
    }

    #[test]
    fn proxies_are_counted_from_the_right_so_that_nobody_can_choose_an_address() {
        assert_eq!(of(&["6.6.6.6, 192.0.2.1"], 1), "192.0.2.1");
        assert_eq!(of(&["6.6.6.6, 192.0.2.1, 10.0.0.2"], 2), "192.0.2.1");
        assert_eq!(of(&["6.6.6.6, 192.0.2.1", "10.0.0.2"], 2), "192.0.2.1");
        assert_eq!(of(&["192.0.2.1"], 2), PEER);
    }

    #[test]
    fn address_has_the_forms_that_proxies_write() {
        for (text, expected) in [
            (" 192.0.2.1 ", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("unknown", PEER),
            ("", PEER),
            ("192.0.2.1;x", PEER),
        ] {
            assert_eq!(of(&[text], 1), expected, "{text:?}");
        }
    }
}
