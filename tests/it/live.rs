//! `check --live`: a site that is fine, and a zoo of those that are not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use snapbox::cmd::OutputAssert;
use snapbox::str;

use crate::deployed::{
    Act, Deployed, Front, KEY, SECRET, SITE, Tls, at, change, open, plain, redirect, say, upstream,
    variables, written,
};
use crate::project::project;

/// No visit may take longer, in seconds.
const PROMISE: u64 = 30;

fn visit(deployed: &Deployed, more: &str, variables: &[(&str, &str)]) -> OutputAssert {
    let started = Instant::now();
    let command = format!("check --live {} {more}", deployed.address);
    let output = deployed.project.run_with(&command, variables);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(PROMISE), "{took:?}");
    output
}

/// A site with the usual function, behind this front.
fn behind(front: Front) -> Deployed {
    Deployed::start(SITE, variables(&upstream(|_| None)), front)
}

fn said(output: &OutputAssert, deployed: &Deployed) -> String {
    let output = output.get_output();
    plain(&output.stdout, deployed) + &plain(&output.stderr, deployed)
}

/// The lines about what is not fine.
fn trouble(output: &OutputAssert, deployed: &Deployed) -> String {
    let said = said(output, deployed);
    let lines = said.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.starts_with("fine ") && !line.starts_with("live "));
    lines.map(|line| format!("{line}\n")).collect()
}

/// What is wrong at a site behind this front.
fn wrong_behind(front: Front) -> String {
    let deployed = behind(front);
    let output = visit(&deployed, "", &[]).code(1);
    let said = trouble(&output, &deployed);
    said.lines()
        .filter(|line| !line.starts_with("not tried key of"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn a_site_that_is_as_built_is_fine() {
    let deployed = behind(open());
    let output = visit(&deployed, "", &[]).success();
    snapbox::assert_data_eq!(
        said(&output, &deployed),
        str![[r#"
     live SITE
     fine site: SITE/w/desk/ answers
     fine pages: pages and loaders as in this build: desk, flow, own
     fine assets: 9 scripts, styles and images as in this build
     fine headers: as in this build's `_headers`
     fine function: answers at /api/chatkit/session
     fine clock: the host's and this machine's agree
     fine allowed origin: https://www.acme.com may ask for sessions
     fine other origins: are refused
     fine session of desk: is granted for 600 s
     fine session of flow: is granted for 600 s, so OpenAI takes key and workflow
     fine session of own: is granted for 600 s
     fine chat: answers at /api/chatkit/chat
not tried key of desk: only an answer shows whether OpenAI takes the key and the model `gpt-6-luna`: `--turn` asks for a short one, which costs tokens
     fine server of own: lets the site's pages in; send it a message to see whether it answers
     fine domain: on this machine, ChatKit needs no entry in OpenAI's list

"#]]
    );
    let output = visit(&deployed, "--strict", &[]).code(1);
    assert!(said(&output, &deployed).ends_with("error: 1 not tried\n"));
}

#[test]
fn of_many_widgets_a_few_are_tried_and_each_gets_one_session() {
    let many: String = (0..40)
        .map(|number| format!("  a{number}: {{backend: {{type: hosted, workflow: wf_1}}}}\n"))
        .collect();
    let count = Arc::new(AtomicUsize::new(0));
    let minted = Arc::clone(&count);
    let upstream = upstream(move |_| {
        minted.fetch_add(1, Ordering::Relaxed);
        None
    });
    let site = SITE.replace("widgets:\n", &format!("widgets:\n{many}"));
    let deployed = Deployed::start(&site, variables(&upstream), open());
    let output = visit(&deployed, "", &[]).success();
    let said = said(&output, &deployed);
    let words =
        "a0, a1, a10, desk, own (of 43 widgets: one for each kind of back end, then the first)";
    assert!(said.contains(words), "{said}");
    assert_eq!(said.matches("fine session of ").count(), 5);
    // Three of a workflow; the function signs the others itself.
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

#[test]
fn a_turn_shows_that_the_key_is_taken() {
    let deployed = behind(open());
    let output = visit(&deployed, "--turn", &[]).success();
    let said = said(&output, &deployed);
    assert!(said.contains("fine answer of desk: came"), "{said}");
}

/// As at an agency, where each client pays with a key of its own.
#[test]
fn agents_with_keys_of_their_own_are_each_asked() {
    let upstream = upstream(|asked| {
        let is_of_client = asked.head.contains("authorization: bearer sk-of-a-client");
        is_of_client.then(|| say(401, "application/json", "{}"))
    });
    let client = "  client: {backend: {type: agent, domain_key: domain_pk_1, instructions: Be brief., api_key_env: CLIENT_KEY}}\n";
    let site = SITE.replace("widgets:\n", &format!("widgets:\n{client}"));
    let key = ("CLIENT_KEY", "sk-of-a-client-0123456789abcdef0123456789");
    let mut variables = variables(&upstream);
    variables.push((key.0.to_owned(), key.1.to_owned()));
    let deployed = Deployed::start(&site, variables, open());
    let output = visit(&deployed, "--turn", &[]).code(1);
    let said = said(&output, &deployed);
    assert!(said.contains("fine answer of desk: came"), "{said}");
    assert!(said.contains("wrong answer of client: did not"), "{said}");
}

#[test]
fn a_key_that_openai_refuses_is_found_by_a_session_or_by_a_turn() {
    let refusing = upstream(|_| {
        let body = format!(
            r#"{{"error":{{"message":"Incorrect API key provided: {KEY}","code":"invalid_api_key"}}}}"#
        );
        Some(say(401, "application/json", &body))
    });
    let deployed = Deployed::start(SITE, variables(&refusing), open());
    let output = visit(&deployed, "--turn", &[]).code(1);
    snapbox::assert_data_eq!(
        trouble(&output, &deployed),
        str![[r#"
wrong session of flow: OpenAI refuses it: the key, its project, or the workflow is wrong, the account has no credit, or OpenAI has closed its workflows (then `import` makes an agent of yours); the function's log says why (on Netlify under Logs > Functions > session)
wrong answer of desk: did not come: the key is refused, `gpt-6-luna` is not a model that it may use, or the account has no credit; the log of the function says which (on Netlify under Logs > Functions)
error: 2 wrong at the site

"#]]
    );
}

#[test]
fn a_variable_that_is_missing_is_named() {
    let deployed = Deployed::start(SITE, Vec::new(), open());
    let output = visit(&deployed, "", &[]).code(1);
    snapbox::assert_data_eq!(
        trouble(&output, &deployed),
        str![[r#"
wrong session of desk: a variable is missing or unusable where the function runs, which needs `OPENAI_API_KEY`: the function's log says why (on Netlify under Logs > Functions > session); set it there and deploy again
wrong session of flow: a variable is missing or unusable where the function runs, which needs `OPENAI_API_KEY`: the function's log says why (on Netlify under Logs > Functions > session); set it there and deploy again
wrong session of own: a variable is missing or unusable where the function runs, which needs `CHATKIT_SERVER_SECRET`: the function's log says why (on Netlify under Logs > Functions > session); set it there and deploy again
error: 3 wrong at the site

"#]]
    );
}

#[test]
fn an_older_build_and_a_widget_that_it_did_not_have_are_found() {
    let deployed = behind(open());
    let site = deployed.project.read("site.yaml").replace(
        "  flow:",
        "  fresh: {backend: {type: hosted, workflow: wf_1}}\n  flow:",
    );
    let site = site.replace(
        "instructions: Be brief.}}",
        "instructions: Be brief.}, page: {title: New}}",
    );
    deployed.project.write("site.yaml", &site);
    let output = visit(&deployed, "", &[]).code(1);
    snapbox::assert_data_eq!(
        trouble(&output, &deployed),
        str![[r#"
wrong pages: /w/fresh/, /w/fresh/settings.js, /w/fresh.js cannot be fetched: HTTP 404; deploy again, and check that `dist` is what is published and that no rule of the host blocks this
wrong pages: /w/desk/, /w/desk/settings.js, /w/desk.js differ from this build: an older one is deployed, so deploy again (or the host rewrites files, such as a CDN that "optimises" pages: turn that off)
wrong session of fresh: the deployed function knows no such widget: deploy again
not tried key of desk: only an answer shows whether OpenAI takes the key and the model `gpt-6-luna`: `--turn` asks for a short one, which costs tokens
error: 3 wrong at the site

"#]]
    );
}

#[test]
fn a_build_for_another_address_is_told_from_an_older_one() {
    let deployed = behind(open());
    let port = deployed.address.rsplit(':').next().unwrap();
    let other = format!("http://127.0.0.1:{port}");
    let site = deployed.project.read("site.yaml");
    let site = site.replace("http://localhost:1", &deployed.address);
    deployed.project.write("site.yaml", &site);
    let command = format!("check --live {other}");
    let output = deployed.project.run(&command).code(1);
    let said = trouble(&output, &deployed);
    assert!(said.contains("were built for SITE: "), "{said}");
    assert!(said.contains("takes the site for another one"), "{said}");
}

const LOGIN: &str = "<title>Hotel Wi-Fi</title>Welcome";

#[test]
fn another_page_in_place_of_the_site_is_found() {
    snapbox::assert_data_eq!(
        wrong_behind(Arc::new(|_| say(200, "text/html", LOGIN))),
        str![[r#"
wrong site: SITE/w/desk/ is another page (`Hotel Wi-Fi`): log in to your network if it asks for that; otherwise check the address, and that `dist` is what is deployed there
not tried the rest: the site itself has to answer at this address first
error: 1 wrong at the site

"#]]
    );
}

#[test]
fn redirects_to_another_host_and_in_circles_are_found() {
    let away = wrong_behind(Arc::new(|_| redirect("https://www.acme.com/?token=canary")));
    snapbox::assert_data_eq!(
        away,
        str![[r#"
wrong site: SITE/w/desk/: redirects to https://www.acme.com: if that is the site's main address, set `site.url` to it, build, deploy and paste the new snippets; if it is a log-in page, the host protects the site with a password, or a network asks you to log in
not tried the rest: the site itself has to answer at this address first
error: 1 wrong at the site

"#]]
    );
    let round = wrong_behind(Arc::new(|asked| redirect(&asked.path)));
    snapbox::assert_data_eq!(
        round,
        str![[r#"
wrong site: SITE/w/desk/: redirects in a circle, at last to SITE/w/desk/: look at the redirects of the host, and at those of a CDN in front of it
not tried the rest: the site itself has to answer at this address first
error: 1 wrong at the site

"#]]
    );
    let longer = wrong_behind(Arc::new(|asked| redirect(&format!("{}x", asked.path))));
    assert!(longer.contains("redirects in a circle"), "{longer}");
}

#[test]
fn a_redirect_to_the_address_of_the_site_is_fine() {
    let deployed = behind(Arc::new(|_| redirect("http://localhost:1/w/desk/")));
    let output = visit(&deployed, "", &[]).success();
    let said = said(&output, &deployed);
    let words = "fine site: SITE/w/desk/: redirects to http://localhost:1, the address of the site in `site.yaml`";
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_visit_is_told_to_other_programs() {
    let output = visit(&behind(open()), "--json", &[]).success();
    let document: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(document["ok"], true);
    let findings = document["findings"].as_array().unwrap();
    assert!(findings.iter().any(|found| found["state"] == "not_tried"));
    let refused = visit(&behind(open()), "--json --strict", &[]).code(1);
    let document: serde_json::Value = serde_json::from_slice(&refused.get_output().stdout).unwrap();
    assert_eq!(document["ok"], false);
}

#[test]
fn files_that_are_always_packed_are_as_built() {
    let deployed = behind(at("/w/desk.js", |_| Act::Repack));
    visit(&deployed, "", &[]).success();
}

#[test]
fn a_redirect_on_the_same_host_is_followed() {
    let deployed = behind(Arc::new(|asked| match asked.path.as_str() {
        "/w/desk/" => redirect("/w/desk/index.html"),
        _ => Act::Pass,
    }));
    let output = visit(&deployed, "", &[]);
    let said = said(&output, &deployed);
    assert!(
        said.contains("to do site: SITE/w/desk/ redirects to SITE/w/desk/index.html"),
        "{said}"
    );
}

#[test]
fn hosts_that_hang_end_in_words_and_in_time() {
    let begun = Instant::now();
    let fronts: [Front; 4] = [
        Arc::new(|_| Act::Hang),
        Arc::new(|_| Act::Drip),
        at("/api/", |_| Act::Hang),
        at("/assets/", |_| Act::Drip),
    ];
    let visits = fronts.map(|front| std::thread::spawn(move || wrong_behind(front)));
    let said = visits.map(|visit| visit.join().unwrap());
    assert!(said[0].contains("no answer in time"), "{}", said[0]);
    assert!(said[1].contains("no answer in time"), "{}", said[1]);
    assert!(
        said[2].contains("wrong function: SITE/api/chatkit/session: no answer"),
        "{}",
        said[2]
    );
    assert!(said[3].contains("wrong assets: /assets/"), "{}", said[3]);
    assert!(begun.elapsed() < Duration::from_secs(PROMISE));
}

#[test]
fn nothing_at_the_address_is_said_in_words() {
    let project = project().file("site.yaml", &SITE.replace("SERVER", "http://localhost:1"));
    let output = project.run("check --live http://127.0.0.1:1").code(1);
    output.stdout_eq(str![[r#"
     live http://127.0.0.1:1
    wrong site: http://127.0.0.1:1/w/desk/: nothing listens there: start the server, or check the port
not tried the rest: the site itself has to answer at this address first

"#]]);
}

#[test]
fn headers_that_the_host_ignores_are_found() {
    let without = |names: &'static [&str]| -> Front {
        Arc::new(move |_| {
            Act::Change(Box::new(move |text| {
                let (head, body) = text.split_once("\r\n\r\n").unwrap();
                let is_kept = |line: &&str| !names.iter().any(|name| line.starts_with(name));
                let lines: Vec<_> = head.split("\r\n").filter(is_kept).collect();
                format!("{}\r\n\r\n{body}", lines.join("\r\n"))
            }))
        })
    };
    let all = [
        "Content-Security",
        "X-Content",
        "Referrer",
        "Cache-Control",
        "Cross-Origin",
        "Access-Control-Allow-Origin: *",
    ];
    snapbox::assert_data_eq!(
        wrong_behind(without(all.to_vec().leak())),
        str![[r#"
wrong headers: `Content-Security-Policy` is missing at /w/desk/, so any website can show the chat as its own: the host ignores `dist/_headers`; set those headers in its own settings, or serve `dist` with the function's program
wrong headers: `Access-Control-Allow-Origin: *` is missing at /w/desk/, so browsers refuse that file to your websites: set the headers of `dist/_headers` at the host
to do headers: missing or different: `Cache-Control` (/w/desk/), `Cross-Origin-Opener-Policy` (/w/desk/), `Cross-Origin-Resource-Policy` (/w/desk/), `Referrer-Policy` (/w/desk/), `X-Content-Type-Options` (/w/desk/); set the headers of `dist/_headers` at the host
error: 2 wrong at the site

"#]]
    );
    let deployed = behind(without(&["Referrer"]));
    let output = visit(&deployed, "", &[]).success();
    let said = said(&output, &deployed);
    assert!(
        said.contains("to do headers: missing or different: `Referrer-Policy` (/w/desk/)"),
        "{said}"
    );
    snapbox::assert_data_eq!(
        wrong_behind(at("/w/", |_| change(
            "frame-ancestors 'self'",
            "frame-ancestors *"
        ))),
        str![[r#"
wrong headers: `Content-Security-Policy` is another one at /w/desk/: deploy again, or remove the one that the host adds
error: 1 wrong at the site

"#]]
    );
}

#[test]
fn a_loader_that_is_blocked_or_a_page_is_found() {
    let page = "<!doctype html>";
    snapbox::assert_data_eq!(
        wrong_behind(at("/w/desk.js", move |_| say(200, "text/html", page))),
        str![[r#"
wrong pages: /w/desk.js is served as `text/html`, which browsers refuse: a rule of the host answers in its place, or its types of files are wrong
error: 1 wrong at the site

"#]]
    );
    snapbox::assert_data_eq!(
        wrong_behind(at("/w/flow.js", |_| say(403, "text/html", "no"))),
        str![[r#"
wrong pages: /w/flow.js cannot be fetched: HTTP 403; deploy again, and check that `dist` is what is published and that no rule of the host blocks this
error: 1 wrong at the site

"#]]
    );
    let deployed = behind(at("/w/chatkit-embed-check.js", move |_| {
        say(200, "text/html", page)
    }));
    let output = visit(&deployed, "", &[]).success();
    let said = said(&output, &deployed);
    assert!(
        said.contains("to do 404: /w/chatkit-embed-check.js does not exist"),
        "{said}"
    );
}

#[test]
fn origins_that_get_too_much_or_too_little_are_found() {
    snapbox::assert_data_eq!(
        wrong_behind(at("/api/", |asked| {
            match asked.head.contains("origin: https://www.acme.com") {
                true => change("Access-Control-Allow-Origin: https://www.acme.com\r\n", ""),
                false => Act::Pass,
            }
        })),
        str![[r#"
wrong allowed origin: browsers keep the answer from https://www.acme.com, because `Access-Control-Allow-Origin` is not that origin: what is in front of the function must leave its headers and `OPTIONS` alone
error: 1 wrong at the site

"#]]
    );
    let lax = at("/api/", |asked| match asked.head.contains(".invalid") {
        true => say(
            200,
            "application/json",
            &format!(r#"{{"client_secret":"{SECRET}"}}"#),
        ),
        false => Act::Pass,
    });
    snapbox::assert_data_eq!(
        wrong_behind(lax),
        str![[r#"
wrong other origins: a website that is not in `allowed_origins` gets HTTP 200 instead of 403, so others can use the chat at your cost: deploy again, and see that nothing in front of the function changes `Origin`
error: 1 wrong at the site

"#]]
    );
    let starred = at("/api/", |_| {
        change(
            "Vary: Origin\r\n",
            "Access-Control-Allow-Origin: *\r\nVary: Origin\r\n",
        )
    });
    let said = wrong_behind(starred);
    assert!(
        said.contains("wrong other origins: the host adds"),
        "{said}"
    );
}

#[test]
fn a_server_that_keeps_the_pages_out_is_found() {
    let deployed = behind(open());
    let site = deployed.project.read("site.yaml");
    let closed = upstream(|_| Some(say(405, "text/plain", "no")));
    let server = |address: &str| {
        let start = site.find("url: 'http://127.").unwrap();
        let end = start + site[start..].find("/chatkit").unwrap();
        let text = format!("{}url: '{address}{}", &site[..start], &site[end..]);
        deployed.project.write("site.yaml", &text);
        let output = visit(&deployed, "", &[]).code(1);
        trouble(&output, &deployed)
    };
    let said = server(&format!("http://{closed}"));
    let words = "/chatkit keeps the site's pages out (HTTP 405): answer `OPTIONS` with \
                 `Access-Control-Allow-Origin: SITE` and `Access-Control-Allow-Headers: authorization,content-type`";
    assert!(said.contains(words), "{said}");
    let said = server("http://127.0.0.1:1");
    let words = "wrong server of own: http://127.0.0.1:1/chatkit: nothing listens there";
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_function_that_is_not_there_or_elsewhere_is_found() {
    snapbox::assert_data_eq!(
        wrong_behind(at("/api/", |_| say(404, "text/html", "<p>lost"))),
        str![[r#"
wrong function: /api/chatkit/session is not the function (HTTP 404, `text/html`): deploy it, and let this path lead to it, as in `netlify.toml`; other hosts are in netlify/README.md
error: 1 wrong at the site

"#]]
    );
    let mut variables = variables(&upstream(|_| None));
    variables.push(("BASE_URL".to_owned(), "https://chat.acme.com".to_owned()));
    let deployed = Deployed::start(SITE, variables, open());
    let output = visit(&deployed, "", &[]).code(1);
    let said = trouble(&output, &deployed);
    let words = "wrong function: takes the site for another one than SITE: set `BASE_URL`";
    assert!(said.contains(words), "{said}");
    snapbox::assert_data_eq!(
        wrong_behind(at("/api/chatkit/chat", |_| say(
            404,
            "text/html",
            "<p>lost"
        ))),
        str![[r#"
wrong chat: /api/chatkit/chat is not the function (HTTP 404, `text/html`): let this path lead to it, as in `netlify.toml`
error: 1 wrong at the site

"#]]
    );
}

#[test]
fn a_connection_that_is_lost_is_tried_once_more() {
    let losing = |most: usize| {
        let lost = AtomicUsize::new(0);
        at("/assets/", move |_| {
            match lost.fetch_add(1, Ordering::Relaxed) < most {
                true => Act::Say(String::new()),
                false => Act::Pass,
            }
        })
    };
    let deployed = behind(losing(1));
    visit(&deployed, "", &[]).success();
    let said = wrong_behind(losing(2));
    let words = "cannot be fetched: the host ends the connection without an answer";
    assert!(said.contains(words), "{said}");
}

#[test]
fn clocks_that_differ_are_found() {
    let late = at("/api/", |_| {
        Act::Change(Box::new(|text| {
            let (before, rest) = text.split_once("Date: ").unwrap();
            let (_, after) = rest.split_once("\r\n").unwrap();
            format!("{before}Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n{after}")
        }))
    });
    let said = wrong_behind(late);
    assert!(
        said.contains("wrong clock: the host's and this machine's differ by 26years"),
        "{said}"
    );
}

#[test]
fn a_widget_for_members_gives_strangers_no_session() {
    let yaml = SITE.replace("  flow:", "  flow:\n    identity: required\n   ");
    let yaml = yaml
        .replace("    {backend: {type: hosted", "    backend: {type: hosted")
        .replace("wf_123}}", "wf_123}");
    let deployed = Deployed::start(&yaml, variables(&upstream(|_| None)), open());
    let output = visit(&deployed, "", &[]).success();
    let said = said(&output, &deployed);
    let words = "fine session of flow: needs an identity, as it should";
    assert!(said.contains(words), "{said}");
    // The same page, from a function that knows nothing of it.
    let site = deployed.project.read("site.yaml");
    let site = site.replace("    identity: required\n", "");
    deployed.project.write("site.yaml", &site);
    let output = visit(&deployed, "", &[]).code(1);
    assert!(
        trouble(&output, &deployed)
            .contains("wrong session of flow: HTTP 403, `identity_required`")
    );
}

#[test]
fn limits_of_requests_are_no_errors() {
    let deployed = behind(at("/api/", |_| say(429, "application/json", "{}")));
    let output = visit(&deployed, "", &[]).success();
    let said = said(&output, &deployed);
    assert!(
        said.contains("not tried function: the limit of requests"),
        "{said}"
    );
}

/// A certificate for these names, and the authority that has signed it, in PEM.
fn certificate(names: &[&str], until: (i32, u8, u8), is_signed: bool) -> (Tls, String) {
    let own = |text: &str| {
        let mut params = CertificateParams::new(vec![text.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let authority = own("authority");
    let mut params = CertificateParams::new(
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>(),
    )
    .unwrap();
    params.not_after = rcgen::date_time_ymd(until.0, until.1, until.2);
    let key = KeyPair::generate().unwrap();
    let leaf = match is_signed {
        true => params.signed_by(&key, &authority).unwrap(),
        false => params.self_signed(&key).unwrap(),
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let text = STANDARD.encode(authority.as_ref().der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    (Some(Arc::new(config)), pem)
}

#[test]
fn certificates_that_browsers_refuse_are_found() {
    let cases = [
        (
            certificate(&["localhost"], (2090, 1, 1), false),
            "it may be self-signed",
        ),
        (
            certificate(&["localhost"], (2020, 1, 1), true),
            "the certificate has expired",
        ),
        (
            certificate(&["www.acme.com"], (2090, 1, 1), true),
            "belongs to another host",
        ),
    ];
    for ((tls, authority), words) in cases {
        let variables = variables(&upstream(|_| None));
        let deployed = Deployed::with(SITE, variables, open(), tls, None);
        let path = written(&deployed.project, "authority.pem", &authority);
        let trusted = [("SSL_CERT_FILE", path.as_str())];
        let trusted = &trusted[..usize::from(words != "it may be self-signed")];
        let output = visit(&deployed, "", trusted).code(1);
        let said = trouble(&output, &deployed);
        assert!(
            said.contains("wrong site: ") && said.contains(words),
            "{said}"
        );
    }
}

#[test]
fn the_end_of_a_certificate_is_told_before_it_comes() {
    let (tls, authority) = certificate(&["localhost"], (2090, 1, 1), true);
    let variables = variables(&upstream(|_| None));
    let deployed = Deployed::with(SITE, variables, open(), tls, None);
    let path = written(&deployed.project, "authority.pem", &authority);
    let output = visit(&deployed, "", &[("SSL_CERT_FILE", &path)]).success();
    let said = said(&output, &deployed);
    assert!(said.contains("fine certificate: valid for 2"), "{said}");
    let nothing = written(&deployed.project, "none.pem", "none");
    let output = visit(&deployed, "", &[("SSL_CERT_FILE", &nothing)]).code(1);
    assert!(trouble(&output, &deployed).contains("no certificates in `"));
}

#[test]
fn a_public_site_is_told_about_its_domain_and_plain_http() {
    let (tls, authority) = certificate(&["chat.acme.com"], (2090, 1, 1), true);
    // No server on this machine goes with a public site.
    let (yaml, _) = SITE.split_once("  own:").unwrap();
    let yaml = yaml.replace("domain_pk_1", "domain_pk_example");
    let yaml = yaml.replace("http://localhost:1", "https://chat.acme.com");
    let variables = variables(&upstream(|_| None));
    let address = Some("https://chat.acme.com");
    let deployed = Deployed::with(&yaml, variables, open(), tls, address);
    let path = written(&deployed.project, "authority.pem", &authority);
    let proxy = format!("http://{}", deployed.front);
    let variables = [("SSL_CERT_FILE", path.as_str()), ("ALL_PROXY", &proxy)];
    let output = deployed
        .project
        .run_with("check --live", &variables)
        .code(1);
    snapbox::assert_data_eq!(
        said(&output, &deployed),
        str![[r#"
     live SITE
     fine site: SITE/w/desk/ answers
not tried certificate: it is valid; its end is not read through a proxy
    to do http: is served without https, where ChatKit does not run: turn on the redirect to https at the host
     fine pages: pages and loaders as in this build: desk, flow
     fine assets: 9 scripts, styles and images as in this build
     fine headers: as in this build's `_headers`
     fine function: answers at /api/chatkit/session
     fine clock: the host's and this machine's agree
     fine allowed origin: https://www.acme.com may ask for sessions
     fine other origins: are refused
     fine session of desk: is granted for 600 s
     fine session of flow: is granted for 600 s, so OpenAI takes key and workflow
     fine chat: answers at /api/chatkit/chat
not tried key of desk: only an answer shows whether OpenAI takes the key and the model `gpt-6-luna`: `--turn` asks for a short one, which costs tokens
    wrong domain key: `domain_pk_example` of `desk` is not one that OpenAI has issued, so ChatKit stays blank: write the key of chat.acme.com from https://platform.openai.com/settings/organization/security/domain-allowlist into `domain_key`
not tried domain: only a browser learns whether OpenAI accepts chat.acme.com: open SITE/w/desk/, and if the chat stays blank, see https://platform.openai.com/settings/organization/security/domain-allowlist
error: 1 wrong at the site

"#]]
    );
}

#[test]
fn an_address_that_is_none_is_wrong_usage() {
    let project = project().file("site.yaml", &SITE.replace("SERVER", "http://localhost:1"));
    project
        .run("check --live https://chat.acme.com/w/desk/")
        .code(1)
        .stderr_eq(str![[r#"
error: invalid address of the site, from --live
  caused by: the site cannot live below a path: `https://chat.acme.com/w/desk/`
hint: write only scheme and host, such as `https://chat.example.com`

"#]]);
    project.run("check --turn").code(2);
    project
        .run("check --live --base-url http://localhost:1")
        .code(2);
}
