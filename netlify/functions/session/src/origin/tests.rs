use super::*;

fn pattern(text: &str) -> OriginPattern {
    OriginPattern::parse(text).unwrap()
}

fn error(text: &str) -> OriginError {
    OriginPattern::parse(text).unwrap_err()
}

#[test]
fn exact_pattern_is_one_origin() {
    let exact = pattern("https://www.example.com");
    for same in [
        "https://www.example.com",
        "https://www.example.com:443",
        "HTTPS://WWW.Example.COM",
    ] {
        assert!(exact.matches(same), "{same}");
    }
    for other in [
        "http://www.example.com",
        "https://www.example.com:8443",
        "https://www.example.com/",
        "https://www.example.com.evil.com",
        "https://a.www.example.com",
        "https://example.com",
        "https://www.example.com@evil.com",
        "https://www-example.com",
        " https://www.example.com",
        "https://www.example.com https://evil.com",
        "https://www.example.com,https://evil.com",
        "null",
        "",
    ] {
        assert!(!exact.matches(other), "{other}");
    }
}

#[test]
fn port_and_scheme_count() {
    let local = pattern("http://localhost:3000");
    assert!(local.matches("http://localhost:3000"));
    assert!(!local.matches("http://localhost"));
    assert!(!local.matches("http://localhost:3001"));
    assert!(!local.matches("https://localhost:3000"));
    assert!(pattern("http://a.example:80").matches("http://a.example"));
    assert!(!pattern("https://a.example:80").matches("http://a.example"));
}

#[test]
fn wildcard_is_every_host_below_and_nothing_else() {
    let below = pattern("https://*.example.com");
    for host in ["a", "a.b", "x-y_z", "xn--bcher-kva", "A"] {
        assert!(
            below.matches(&format!("https://{host}.example.com")),
            "{host}"
        );
    }
    for other in [
        "https://example.com",
        "https://.example.com",
        "https://a..example.com",
        "https://evil-example.com",
        "https://evilexample.com",
        "https://a.example.com.evil.com",
        "https://example.com.evil.com",
        "https://a.example.org",
        "http://a.example.com",
        "https://a.example.com:8443",
        "https://evil.com/.example.com",
        "https://evil.com#.example.com",
        "https://evil.com?.example.com",
        "https://evil.com\\.example.com",
        "https://evil.com:443.example.com",
        "https://evil@a.example.com",
        "https://evil com.example.com",
        "https://*.example.com",
    ] {
        assert!(!below.matches(other), "{other}");
    }
    assert!(pattern("http://*.localhost:8080").matches("http://a.localhost:8080"));
}

#[test]
fn addresses_are_hosts() {
    assert!(pattern("http://127.0.0.1:8080").matches("http://127.0.0.1:8080"));
    assert!(pattern("http://[::1]:3000").matches("http://[::1]:3000"));
    assert!(pattern("http://[0:0:0:0:0:0:0:1]").matches("http://[::1]"));
    for bad in [
        "http://[::1",
        "http://::1",
        "http://[::g]",
        "http://[127.0.0.1]",
    ] {
        assert!(matches!(error(bad), OriginError::Host(_)), "{bad}");
    }
}

#[test]
fn pattern_is_shown_in_its_shortest_form() {
    for (text, shown) in [
        ("HTTPS://WWW.Example.com:443", "https://www.example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://*.Example.com:8443", "https://*.example.com:8443"),
    ] {
        assert_eq!(pattern(text).to_string(), shown);
        assert_eq!(pattern(shown), pattern(text));
    }
}

#[test]
fn what_is_no_pattern_is_refused_with_its_cause() {
    use OriginError::*;
    let s = str::to_owned;
    for (text, cause) in [
        ("*", Everything),
        ("", NoScheme),
        ("null", NoScheme),
        ("www.example.com", NoScheme),
        ("//www.example.com", NoScheme),
        ("ftp://a.example", UnknownScheme(s("ftp"))),
        ("*://a.example", UnknownScheme(s("*"))),
        (" https://a.example", UnknownScheme(s(" https"))),
        ("https://a.example/", Path(s("/"))),
        ("https://a.example/x", Path(s("/x"))),
        ("https://*.a.example/", Path(s("/"))),
        ("https://a.example?x", Path(s("?x"))),
        ("https://a.example#x", Path(s("#x"))),
        ("https://u:p@a.example", User),
        ("https://*", Wildcard),
        ("https://*example.com", Wildcard),
        ("https://a.*.example.com", Wildcard),
        ("https://*.*.example.com", Wildcard),
        ("https://www.*", Wildcard),
        ("https://*.com", TooWide(s("com"))),
        ("https://*.127.0.0.1", TooWide(s("127.0.0.1"))),
        ("https://*.[::1]", TooWide(s("[::1]"))),
        ("https://", Host(s(""))),
        ("https://*.", Host(s(""))),
        ("https://a..example", Host(s("a..example"))),
        ("https://a.example.", Host(s("a.example."))),
        ("https://a example", Host(s("a example"))),
        ("https://bücher.example", Host(s("bücher.example"))),
        ("https://a.example:", Port(s(""))),
        ("https://a.example:0", Port(s("0"))),
        ("https://a.example:+1", Port(s("+1"))),
        ("https://a.example:65536", Port(s("65536"))),
        ("https://a.example:*", Port(s("*"))),
    ] {
        assert_eq!(error(text), cause, "{text}");
    }
}

#[test]
fn origin_of_an_address_ends_before_its_path() {
    let origin = Origin::parse("https://a.example:8443").unwrap();
    for url in [
        "https://a.example:8443",
        "https://a.example:8443/",
        "https://A.example:8443/chat?x#y",
    ] {
        assert_eq!(Origin::of_url(url).unwrap(), origin, "{url}");
    }
    assert!(Origin::of_url("a.example/chat").is_err());
}

#[test]
fn loopback_is_this_machine_only() {
    for host in [
        "localhost",
        "a.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "[::1]",
    ] {
        assert!(is_loopback(host), "{host}");
    }
    for host in [
        "localhost.evil.com",
        "127.0.0.1.evil.com",
        "10.0.0.1",
        "evillocalhost",
    ] {
        assert!(!is_loopback(host), "{host}");
    }
}
