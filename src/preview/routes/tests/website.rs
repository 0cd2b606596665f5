//! *Take from my website*.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::*;

const DRAWING: &str =
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9v9z'/></svg>";

const PAGE: &str = "<!doctype html><html lang='de-AT'><head><title>Kessel – Morrow</title>\
    <link rel='stylesheet' href='/shop.css'><link rel='stylesheet' href='http://elsewhere.example/a.css'>\
    <link rel='icon' href='/icon.svg' type='image/svg+xml'></head><body><img class='site-logo' src='broken.svg'></body></html>";

/// Serves a website until the test ends. Returns its address.
fn website() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address
}

fn serve(mut stream: TcpStream) {
    let mut head = [0; 1024];
    let length = stream.read(&mut head).unwrap_or_default();
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let (status, kind, body) = match head.split(' ').nth(1) {
        Some("/") => (200, "text/html", PAGE),
        Some("/shop.css") => (
            200,
            "text/css",
            "body{font-family:Inter,sans-serif}a{color:#0a7;--x:#333}",
        ),
        Some("/icon.svg") => (200, "image/svg+xml", DRAWING),
        Some("/broken.svg") => (200, "image/svg+xml", "<svg"),
        _ => (404, "text/html", ""),
    };
    let length = body.len();
    let reply = format!(
        "HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(reply.as_bytes());
}

fn take(bench: &Bench, address: &str) -> (u16, Value) {
    let request = bench.request("POST", "/_/api/website", &json!({"address": address}));
    bench.ask(&request)
}

#[test]
fn a_brand_is_what_the_website_says_of_itself() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let (status, reply) = take(&bench, &website());
    let found = json!({
        "name": "Kessel", "language": "de-AT", "color": "#00aa77", "font": "Inter,sans-serif", "logo": "logo.svg"
    });
    assert_eq!((status, reply), (200, found));
    assert_eq!(bench.text("logo.svg"), DRAWING);
    assert_eq!(bench.text("site.yaml"), SITE, "nothing is saved");
}

#[test]
fn an_address_that_cannot_be_read_is_refused_in_words() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let site = website();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for (address, words) in [
        (format!("{site}/none"), "there is no such page"),
        (format!("{site}/icon.svg"), "it is not HTML"),
        (format!("http://{closed}"), "the site cannot be reached"),
        ("not an address".to_owned(), "is not an address"),
        (
            "ftp://morrow.example".to_owned(),
            "is not an address of the web",
        ),
        (
            "https://me:secret@morrow.example".to_owned(),
            "user name or a password",
        ),
    ] {
        let (status, reply) = take(&bench, &address);
        let message = reply["error"]["message"].to_string();
        assert!(
            status == 400 && message.contains(words),
            "{address}: {message}"
        );
        assert!(!message.contains("secret"), "{message}");
    }
}

#[test]
fn nobody_in_the_network_sends_this_machine_to_a_website() {
    let bench = Bench::open(&[("site.yaml", SITE)]);
    assert_eq!(take(&bench, "https://morrow.example").0, 403);
}
