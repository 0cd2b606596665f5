//! An entry point for fuzzing only, which bypasses the commands: it takes any bytes and must not panic.

use crate::config::Draft;
use crate::environment::Environment;
use crate::site::{BaseUrl, Purpose, Reading, Site};
use crate::theme::Themes;
use crate::yaml::{Problems, Source};

/// Reads what somebody might write: `site.yaml`, a separate widget and a `theme.yaml`, separated by zero bytes.
pub fn site(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut texts = text.split('\0');
    let mut source = |path: &str| texts.next().map(|text| Source::new(path, text));
    let files = [source("site.yaml"), source("widgets/a.yaml")];
    let theme = source("themes/default/theme.yaml");
    if let Err(problems) = checked(files.into_iter().flatten().collect(), theme) {
        // Each problem has a place that can be shown.
        assert!(problems.render().all(|message| !message.is_empty()));
    }
}

fn checked(files: Vec<Source>, theme: Option<Source>) -> Result<Site, Problems> {
    let environment = Environment::of([("NAME", "value"), ("EMPTY", "")]);
    let draft = Draft::parse(files);
    draft.theme();
    let config = draft.finish(&environment, Some(theme.into_iter().collect()))?;
    let base_url = BaseUrl::parse("https://chat.example.com", "fuzzing");
    let base_url = base_url.expect("an https address is a base");
    let reading = Reading::without_files(&environment, Purpose::Deploy);
    Site::from_config(config, Some(base_url), &Themes::default(), &reading)
}
