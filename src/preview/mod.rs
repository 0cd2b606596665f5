//! The preview on localhost: what `build` would write, rendered on request.
//!
//! ```text
//! files ─notify─▶ watcher ─▶ Preview (last good View, drafts) ─▶ routes ─▶ tiny_http ─▶ gate ─▶ browser
//!                                    └─ hub ─ server-sent events ─▶ pages bring themselves up to date
//! ```
//!
//! Two origins: the preview's own, with the studio at `/` and everything that `build` would write, and one for the
//! host page, which is as foreign here as everywhere else. `guard` decides who may ask for what, and `gate` how much
//! of it.

mod http;
mod routes;
mod state;
mod watcher;

use std::net::{IpAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use session::OriginPattern;

use crate::console;
use http::Request;
use http::guard::{Guard, Token};
use http::server::{Answer, Listener};
use routes::host_page::HostPage;
use state::files::Themes;
use state::{Place, Preview};
use watcher::{THEMES, Watcher};

/// The arguments of the command line.
pub(crate) struct Options {
    /// `site.yaml`.
    pub(crate) config: PathBuf,
    /// `--base-url`, for the snippets that people copy.
    pub(crate) base_url: Option<String>,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Opens the studio in the browser.
    pub(crate) open: bool,
    /// Polls the folders instead of waiting for file events.
    pub(crate) poll: bool,
    pub(crate) host_page: Option<String>,
}

/// Serves until the process is told to stop.
///
/// # Errors
///
/// A host or a port that is not available, a missing host page, and files that cannot be watched. Errors in the site
/// are shown in the browser, and fixed there.
pub(crate) fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    let host_page = options.host_page.as_deref().map(HostPage::parse);
    let main = Listener::bind(&options.host, options.port)?;
    let stage = Listener::bind(&options.host, 0)?;
    http::server::say_port(options.port, main.port());
    let name = reachable_name(&options.host);
    let origin = |port: u16| format!("http://{name}:{port}");
    let guards = [&main, &stage].map(|one| Guard::new(&options.host, one.address));
    let place = Place {
        config: options.config.clone(),
        origin: origin(main.port()),
        stage: origin(stage.port()),
        origins: origins(&name, &[main.port(), stage.port()])?,
        given_url: options.base_url.clone(),
        host_page: host_page.transpose()?,
        is_open: guards[0].is_open(),
        token: Token::new()?,
    };
    let folder = options.config.parent().unwrap_or(Path::new(""));
    let preview = Preview::new(place, Themes::new(folder.join(THEMES)));
    // Before the first reading, so that no change in between is missed.
    let watcher = Watcher::new(&options.config, options.poll)?;
    preview.read(&[]);
    preview.set_demo(!preview.can_be_real());

    let [main_guard, stage_guard] = guards;
    let places = Arc::default();
    let servers = [
        main.serve(
            "preview",
            &places,
            answering(&preview, main_guard, routes::main),
        )?,
        stage.serve(
            "host page",
            &places,
            answering(&preview, stage_guard, routes::stage),
        )?,
    ];
    let checker = Arc::clone(&preview);
    let checker = std::thread::spawn(move || checker.check_all());
    let stop = watcher.stop();
    ctrlc::set_handler(move || stop.stop()).context("failed to listen for Ctrl-C")?;

    say(&preview, started);
    if options.open && open::that_detached(&preview.place.origin).is_err() {
        console::status(
            "browser",
            "no browser could be started; open the address yourself",
        );
    }
    watcher.run(|changed| preview.read(changed));
    preview.end();
    drop(servers);
    let _ = checker.join();
    console::status("done", "the preview has stopped; no files were left behind");
    Ok(())
}

fn answering(
    preview: &Arc<Preview>,
    guard: Guard,
    route: fn(&Arc<Preview>, &Guard, &Request) -> Answer,
) -> impl Fn(Request) -> Answer + use<> {
    let preview = Arc::clone(preview);
    move |request| match guard.check(&request) {
        Ok(()) => route(&preview, &guard, &request),
        Err(refusal) => Answer::Reply(refusal),
    }
}

fn say(preview: &Preview, started: Instant) {
    let place = &preview.place;
    console::status("preview", format_args!("{}/", place.origin));
    if preview.disk().is_new {
        let text = "there is no `site.yaml` here: open the preview to make one, or run `init`";
        console::status("site", text);
    }
    match preview.is_demo() {
        true if place.is_open => console::status(
            "chat",
            "demo: a stand-in answers, because others could use your key. Start without --host for the real chat",
        ),
        true => console::status(
            "chat",
            "demo: a stand-in answers. Put OPENAI_API_KEY in `.env` for the real chat",
        ),
        false => console::status("chat", "OpenAI's, with the key in OPENAI_API_KEY"),
    }
    if place.is_open {
        console::status(
            "network",
            "other machines can see this preview; saving is off",
        );
    }
    console::status(
        "watching",
        format_args!(
            "`{}`, `widgets/`, `themes/` and `.env` next to it; Ctrl-C stops",
            place.config.display()
        ),
    );
    console::status("ready", format_args!("in {:.0?}", started.elapsed()));
}

/// The host name that browsers can reach. When listening on all addresses, phones on the same network need one of
/// them.
fn reachable_name(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() => {
            own_address().map_or_else(|| "127.0.0.1".to_owned(), |own| bracketed(&own.to_string()))
        }
        _ => bracketed(host),
    }
}

fn bracketed(host: &str) -> String {
    match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    }
}

/// The address by which the network knows this machine. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified()).then_some(address)
}

/// All origins by which browsers on this machine know these ports.
fn origins(name: &str, ports: &[u16]) -> Result<Vec<OriginPattern>> {
    let mut origins = Vec::new();
    for port in ports {
        for name in [name, "127.0.0.1", "localhost"] {
            let origin = OriginPattern::parse(&format!("http://{name}:{port}"));
            let origin = origin.with_context(|| format!("`{name}` is not a valid host name"))?;
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
    }
    Ok(origins)
}
