//! Decides which requests are admitted, by origin, method, size and type. Pure.

use crate::addresses::Endpoint;
use crate::error::RequestError;
use crate::http::Request;
use crate::origin::{Origin, OriginPattern};
use crate::settings::BASE_URL;
use crate::site::{SiteSettings, WidgetSettings};

/// The origins that may ask.
pub(crate) struct Policy {
    own: Origin,
    site_url: String,
    allowed: Vec<OriginPattern>,
    /// Those of widgets that have their own.
    of_widgets: Vec<OriginPattern>,
    refuse_direct_calls: bool,
}

/// The purpose of an admitted request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Preflight,
    Answer,
}

impl Policy {
    /// `base_url` overrides the site's address. The error is written for the site's owner.
    pub(crate) fn new(site: SiteSettings, base_url: Option<&str>) -> Result<Policy, String> {
        let own = match base_url {
            Some(url) => Origin::of_url(url).map_err(|err| format!("invalid `{BASE_URL}`: {err}")),
            None => Origin::of_url(&site.url).map_err(|err| format!("invalid site `url`: {err}")),
        }?;
        Ok(Policy {
            site_url: own.to_string(),
            own,
            allowed: patterns(&site.allowed_origins)?,
            of_widgets: patterns(&site.origins_of_widgets)?,
            refuse_direct_calls: site.refuse_direct_calls,
        })
    }

    /// The site's address: scheme, host, and the port if it is not the scheme's default.
    pub(crate) fn site_url(&self) -> &str {
        &self.site_url
    }

    /// The request's `Origin`, if pages from there may ask for any widget at all: which one, only
    /// [`Policy::check_widget`] knows.
    pub(crate) fn allowed_origin<'r>(&self, request: &'r Request) -> Option<&'r str> {
        let header = request.only_header("origin")?;
        let origin = Origin::parse(header).ok()?;
        let mut all = self.allowed.iter().chain(&self.of_widgets);
        let allowed =
            self.is_of_site(&origin, request) || all.any(|pattern| pattern.covers(&origin));
        allowed.then_some(header)
    }

    /// Refuses pages of other origins than the widget's own, or than the site's if it has none.
    pub(crate) fn check_widget(
        &self,
        request: &Request,
        widget: &WidgetSettings,
    ) -> Result<(), RequestError> {
        let header = request.only_header("origin");
        let origin = header.and_then(|header| Origin::parse(header).ok());
        let allows = |origin: &Origin| match &widget.allowed_origins {
            Some(own) => own
                .iter()
                .any(|text| OriginPattern::parse(text).is_ok_and(|pattern| pattern.covers(origin))),
            None => self.allowed.iter().any(|pattern| pattern.covers(origin)),
        };
        match origin.filter(|origin| self.is_of_site(origin, request) || allows(origin)) {
            Some(_) => Ok(()),
            None => Err(RequestError::OriginNotAllowed {
                origin: header.map(str::to_owned),
            }),
        }
    }

    /// Returns whether the page is one of the site itself.
    fn is_of_site(&self, origin: &Origin, request: &Request) -> bool {
        *origin == self.own || request.host_is_vouched && is_own_host(origin, request)
    }
}

fn patterns(texts: &[String]) -> Result<Vec<OriginPattern>, String> {
    let parsed = texts.iter().map(|text| {
        OriginPattern::parse(text)
            .map_err(|err| format!("invalid `{text}` in `allowed_origins`: {err}"))
    });
    parsed.collect()
}

/// Returns whether the page comes from the host that this request was sent to, as on a deploy preview, whose name
/// nobody knows beforehand. A page cannot set either header.
fn is_own_host(origin: &Origin, request: &Request) -> bool {
    let Some(host) = request.header("host") else {
        return false;
    };
    let is = |scheme: &str| Origin::parse(&format!("{scheme}://{host}")).as_ref() == Ok(origin);
    match request.header("x-forwarded-proto") {
        // A chain of proxies makes a list; the first one talked to the browser.
        Some(list) => is(list.split(',').next().unwrap_or(list).trim()),
        None => is("https") || origin.is_loopback() && is("http"),
    }
}

/// The endpoint at this path. Without a policy, all paths work, to show the error to the owner.
pub(crate) fn endpoint(path: &str, policy: Option<&Policy>) -> Option<Endpoint> {
    let (endpoint, is_direct) = Endpoint::at(path)?;
    let is_refused = is_direct && policy.is_some_and(|policy| policy.refuse_direct_calls);
    (!is_refused).then_some(endpoint)
}

/// Checks everything except path and content. `origin` is from [`Policy::allowed_origin`].
pub(crate) fn check(
    request: &Request,
    endpoint: Endpoint,
    origin: Option<&str>,
) -> Result<Wanted, RequestError> {
    let allowed = endpoint.methods();
    if !allowed.split(", ").any(|method| method == request.method) {
        return Err(RequestError::MethodNotAllowed { allowed });
    }
    if origin.is_none() {
        return Err(RequestError::OriginNotAllowed {
            origin: request.header("origin").map(str::to_owned),
        });
    }
    if request.method == "OPTIONS" {
        return Ok(Wanted::Preflight);
    }
    if !request.header("content-type").is_some_and(is_json) {
        return Err(RequestError::UnsupportedMediaType);
    }
    if request.body.len() > endpoint.max_body() {
        return Err(RequestError::BodyTooLarge {
            limit: endpoint.max_body(),
        });
    }
    Ok(Wanted::Answer)
}

/// Returns whether a `Content-Type` means JSON.
pub(crate) fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or(content_type);
    media_type.trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(base_url: Option<&str>) -> Policy {
        let site = SiteSettings {
            url: "https://chat.example.com/".to_owned(),
            allowed_origins: vec!["https://www.example.com".to_owned()],
            origins_of_widgets: Vec::new(),
            refuse_direct_calls: false,
        };
        Policy::new(site, base_url).unwrap()
    }

    fn request(headers: &[(&str, &str)]) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/api/chatkit/session".to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Vec::new(),
            id: String::new(),
            deadline: None,
            client: None,
            host_is_vouched: true,
        }
    }

    fn allows(headers: &[(&str, &str)]) -> bool {
        policy(None).allowed_origin(&request(headers)).is_some()
    }

    #[test]
    fn the_site_and_the_allowed_origins_may_ask() {
        assert!(allows(&[("Origin", "https://chat.example.com")]));
        assert!(allows(&[("Origin", "https://www.example.com")]));
        assert!(!allows(&[("Origin", "https://example.com")]));
        assert!(!allows(&[("Origin", "null")]));
        assert!(!allows(&[]));
    }

    #[test]
    fn base_url_takes_the_place_of_the_compiled_address() {
        let policy = policy(Some("https://other.example/chat"));
        let allows = |origin| {
            policy
                .allowed_origin(&request(&[("Origin", origin)]))
                .is_some()
        };
        assert!(allows("https://other.example"));
        assert!(!allows("https://chat.example.com"));
        assert!(allows("https://www.example.com"));
    }

    #[test]
    fn own_host_may_ask_over_https_or_what_the_proxy_says() {
        let origin = |origin, host| [("Origin", origin), ("Host", host)];
        assert!(allows(&origin(
            "https://p--x.netlify.app",
            "p--x.netlify.app"
        )));
        assert!(!allows(&origin(
            "http://p--x.netlify.app",
            "p--x.netlify.app"
        )));
        assert!(!allows(&origin("https://evil.com", "p--x.netlify.app")));
        assert!(!allows(&origin(
            "https://p--x.netlify.app:1",
            "p--x.netlify.app"
        )));
        let with_proto = |proto| {
            allows(&[
                ("Origin", "http://a.example:8080"),
                ("host", "a.example:8080"),
                ("X-Forwarded-Proto", proto),
            ])
        };
        assert!(with_proto("http"));
        assert!(with_proto("http, https"));
        assert!(!with_proto("https"));
        assert!(!with_proto("https, http"));
        assert!(!with_proto(""));
    }

    #[test]
    fn host_that_no_gateway_vouches_for_lets_nobody_in() {
        let mut request = request(&[("Origin", "https://evil.example"), ("Host", "evil.example")]);
        assert!(policy(None).allowed_origin(&request).is_some());
        request.host_is_vouched = false;
        assert_eq!(policy(None).allowed_origin(&request), None);
    }

    #[test]
    fn two_origins_are_none() {
        let own = ("Origin", "https://chat.example.com");
        assert!(!allows(&[own, ("origin", "https://evil.example")]));
        assert!(!allows(&[own, own]));
    }

    #[test]
    fn http_without_a_proxy_is_for_this_machine_only() {
        for host in ["localhost:8888", "127.0.0.1:8888", "[::1]:8888"] {
            assert!(allows(&[
                ("Origin", &format!("http://{host}")),
                ("Host", host)
            ]));
        }
        // Such a name may be made to point to this machine.
        assert!(!allows(&[
            ("Origin", "http://evil.com:8888"),
            ("Host", "evil.com:8888")
        ]));
    }

    #[test]
    fn bad_origins_in_the_settings_are_named() {
        let site = |url: &str, origin: &str| SiteSettings {
            url: url.to_owned(),
            allowed_origins: vec![origin.to_owned()],
            origins_of_widgets: Vec::new(),
            refuse_direct_calls: false,
        };
        let error = |site, base_url| Policy::new(site, base_url).err().unwrap();
        let good = "https://a.example";
        assert!(error(site("x", good), None).starts_with("invalid site `url`: no scheme"));
        assert!(error(site(good, "*"), None).starts_with("invalid `*` in `allowed_origins`: "));
        assert!(error(site(good, good), Some("x")).starts_with("invalid `BASE_URL`: no scheme"));
    }

    #[test]
    fn media_type_may_have_parameters_and_any_case() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json ; charset=utf-8",
        ] {
            assert!(is_json(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/jsonp",
            "application/json-patch+json",
            ";",
        ] {
            assert!(!is_json(bad), "{bad}");
        }
    }

    #[test]
    fn request_is_checked_in_order() {
        let origin = Some("https://a.example");
        let mut request = request(&[]);
        request.body = vec![b' '; Endpoint::Session.max_body() + 1];
        let code = |request: &Request, origin| {
            check(request, Endpoint::Session, origin)
                .unwrap_err()
                .status_and_code()
                .0
        };
        request.method = "GET".to_owned();
        assert_eq!(code(&request, None), 405);
        request.method = "OPTIONS".to_owned();
        assert_eq!(code(&request, None), 403);
        assert_eq!(
            check(&request, Endpoint::Session, origin).unwrap(),
            Wanted::Preflight
        );
        request.method = "POST".to_owned();
        assert_eq!(code(&request, None), 403);
        assert_eq!(code(&request, origin), 415);
        request
            .headers
            .push(("content-type".to_owned(), "application/json".to_owned()));
        assert_eq!(code(&request, origin), 413);
        request.body.pop();
        assert_eq!(
            check(&request, Endpoint::Session, origin).unwrap(),
            Wanted::Answer
        );
    }
}
