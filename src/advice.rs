//! What a site's owner still has to do. None of it is an error, so none of it stops a build.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use session::IdentityRule;

use crate::config::{Documents, IDENTITY_SECRET};
use crate::console;
use crate::environment::Environment;
use crate::placeholder;
use crate::site::{Backend, Site, Widget, Worst};

/// One to-do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    /// Its subject: a line, a variable, a host or a widget.
    pub(crate) subject: String,
    /// The step to take, and the reason.
    pub(crate) text: String,
}

impl Advice {
    fn new(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            text: text.into(),
        }
    }
}

/// Returns every to-do for this site on this machine.
pub(crate) fn of(site: &Site, documents: &Documents, environment: &Environment) -> Vec<Advice> {
    let mut all = Vec::new();
    let placeholders = placeholder::of(site, documents).into_iter();
    all.extend(placeholders.map(|(line, text)| Advice::new(line, text)));
    all.extend(domain(site));
    all.extend(variables(site, environment));
    all.extend(ends(site));
    all.extend(budgets(site));
    all.extend(forms(site));
    all.extend(embedding(site));
    all
}

/// OpenAI's list of domains: on a host that is missing there, ChatKit stays blank.
fn domain(site: &Site) -> Option<Advice> {
    if site.base_url.is_local() {
        return None;
    }
    let host = site.base_url.host();
    Some(Advice::new(
        host,
        "add this host at https://platform.openai.com/settings/organization/security/domain-allowlist, \
         or ChatKit stays blank; wildcards are not allowed there, so deploy previews stay blank anyway. A page with the \
         snippet `direct` needs its own host on the list",
    ))
}

/// Variables that the function needs and that are not set here. They may be set where it is deployed.
fn variables(site: &Site, environment: &Environment) -> Vec<Advice> {
    let mut names = BTreeSet::new();
    for widget in &site.widgets {
        if widget.identity == IdentityRule::Required {
            let name = widget.identity_secret_env.as_deref();
            names.insert(Cow::Borrowed(name.unwrap_or(IDENTITY_SECRET)));
        }
        names.extend(widget.identity_secret_env.as_deref().map(Cow::Borrowed));
        names.extend(widget.backend.variables());
    }
    names
        .into_iter()
        .filter(|name| environment.get(name).is_none())
        .map(|name| {
            let text = "not set on this machine: set it where the function runs (on Netlify under Site \
                        configuration > Environment variables), and in `.env` to try it here";
            Advice::new(name, text)
        })
        .collect()
}

/// The end of what answers some widgets, as announced.
fn ends(site: &Site) -> impl Iterator<Item = Advice> {
    let mut ends: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for widget in &site.widgets {
        if let Some(end) = widget.backend.end() {
            ends.entry(end).or_default().push(widget.name.clone());
        }
    }
    let ends = ends.into_iter();
    ends.map(|(end, names)| Advice::new(console::first(names.into_iter()), end))
}

/// What strangers may cost, and the only limit that holds for all of them together.
fn budgets(site: &Site) -> impl Iterator<Item = Advice> {
    site.widgets.iter().filter_map(|widget| {
        let Backend::Agent(agent) = &widget.backend else {
            return None;
        };
        let Worst {
            messages,
            tokens,
            dollars,
        } = agent.worst_hour();
        let model = &agent.settings.model;
        let cost = match dollars {
            Some(dollars) => format!("{dollars:.0} dollars an hour"),
            None => "an unknown sum".to_owned(),
        };
        let text = format!(
            "set a budget at https://platform.openai.com/settings/organization/limits. With one address, somebody can \
             send {messages} messages an hour of up to {tokens} tokens each, which is about {cost} with `{model}`, without what tools return; \
             LIMIT_MESSAGES_PER_ADDRESS lowers that, and only a budget bounds all addresses together"
        );
        Some(Advice::new(&widget.name, text))
    })
}

/// Netlify takes no form before its owner allows that.
fn forms(site: &Site) -> Option<Advice> {
    let has_form = |widget: &&Widget| match &widget.backend {
        Backend::Agent(agent) => agent.netlify_fields().is_some(),
        Backend::Hosted(_) | Backend::Server(_) => false,
    };
    let names: Vec<_> = site
        .widgets
        .iter()
        .filter(has_form)
        .map(|widget| widget.name.clone())
        .collect();
    (!names.is_empty()).then(|| {
        let text = "turn on form detection at Netlify (the site's Forms > Enable form detection) before the deploy, and \
                    set the address for mails there (Forms > Form notifications)";
        Advice::new(console::first(names.into_iter()), text)
    })
}

/// Loaders of the last build that the next one removes. Nobody but the site's owner knows who still requests them.
pub(crate) fn vanishing(site: &Site, before: Vec<String>) -> impl Iterator<Item = Advice> {
    let names: BTreeSet<_> = site.served().map(|widget| widget.name.clone()).collect();
    let gone = before.into_iter().filter(move |name| !names.contains(name));
    gone.map(|name| {
        let text = format!(
            "the last build in `dist` has a widget of this name, and the next one removes it. If pages still have its \
             snippet, write `aliases: [{name}]` in the widget that takes its place"
        );
        Advice::new(name, text)
    })
}

fn embedding(site: &Site) -> Option<Advice> {
    let has_own = |widget: &Widget| widget.allowed_origins.is_some();
    let is_missing = site.allowed_origins.is_empty() && !site.widgets.iter().all(has_own);
    is_missing.then(|| {
        let text =
            "list the websites that show the widgets; on all others, browsers refuse to show them";
        Advice::new("site.allowed_origins", text)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::config::Draft;
    use crate::site::{Purpose, Reading};
    use crate::theme::{DEFAULT, Theme, Themes};
    use crate::yaml::Source;

    fn subjects(url: &str, widgets: &str, environment: &Environment) -> Vec<String> {
        let text = format!("site: {{url: '{url}'}}\nwidgets: {widgets}\n");
        let draft = Draft::parse(vec![Source::new("site.yaml", text)]);
        let theme = Theme::load(Path::new("no-such-folder"), DEFAULT).unwrap();
        let reading = Reading::without_files(environment, Purpose::Deploy);
        let themes = Themes::of(&Arc::new(theme));
        let (site, documents) = Site::read(draft, &themes, &reading).unwrap();
        of(&site, &documents, environment)
            .into_iter()
            .map(|advice| advice.subject)
            .collect()
    }

    #[test]
    fn each_thing_to_do_is_named() {
        let hosted =
            "{a: {backend: {type: hosted}}, b: {backend: {type: hosted, workflow_env: B}}}";
        assert_eq!(
            subjects(
                "https://chat.acme.com",
                hosted,
                &Environment::of([("B", "wf_1")])
            ),
            [
                "chat.acme.com",
                "CHATKIT_WORKFLOW_ID",
                "OPENAI_API_KEY",
                "a, b",
                "site.allowed_origins"
            ]
        );
    }

    #[test]
    fn a_server_on_localhost_needs_little() {
        let server =
            "{a: {backend: {type: server, url: 'http://localhost:8000/chatkit', domain_key: x}}}";
        assert_eq!(
            subjects("http://localhost:3000", server, &Environment::default()),
            ["CHATKIT_SERVER_SECRET", "site.allowed_origins"]
        );
    }
}
