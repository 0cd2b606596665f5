//! The stand-in for OpenAI, so that everything can be tried without a key.
//!
//! The session code is the real one in both modes. In demo mode it asks this preview instead of OpenAI.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use session::{Service, Settings};

use crate::config::{IDENTITY_SECRET, SERVER_SECRET};
use crate::environment::Environment;
use crate::preview::http::Reply;
use crate::preview::http::guard::Token;
use crate::preview::state::hub::Hub;
use crate::preview::state::view::Part;
use crate::render::{ChatKit, site_parts};
use crate::site::{Backend, Knowledge, Site, Widget};

/// The path below which the stand-in answers.
const UPSTREAM: &str = "/_/upstream/v1";

/// The path that mints sessions.
pub(in crate::preview) const SESSIONS: &str = "/_/upstream/v1/chatkit/sessions";

/// The stand-in for OpenAI's script.
const CHAT: &str = "/_/demo/chatkit.js";

/// Lifetime of a session.
const SESSION: Duration = Duration::from_secs(600);

/// The stand-in chat of the preview at `origin`. It has no frame, so the page itself loads the fonts of a chat.
pub(in crate::preview) fn chatkit(origin: &str) -> ChatKit {
    ChatKit {
        origin: origin.to_owned(),
        script: format!("{origin}{CHAT}"),
        fonts: " https: data:",
    }
}

/// The session code for one part of a site.
pub(in crate::preview) fn service(
    part: &Part,
    environment: &Arc<Environment>,
    hub: &Arc<Hub>,
    demo: Option<(&str, &Token)>,
) -> Service {
    let environment = Arc::clone(environment);
    let demo = demo.map(|(origin, token)| (format!("{origin}{UPSTREAM}"), token.clone()));
    let is_demo = demo.is_some();
    let workflows = names(&part.site, |widget| widget.backend.workflow_variable());
    let keys = names(&part.site, |widget| widget.backend.key_variable());
    let servers = names(&part.site, |widget| match &widget.backend {
        Backend::Server(server) => server.secret_env.as_deref(),
        Backend::Agent(_) | Backend::Hosted(_) => None,
    });
    let identities = names(&part.site, |widget| widget.identity_secret_env.as_deref());
    let contact = contact_variables(&part.site);
    let settings = Settings::from_lookup(move |name| {
        let known = environment.get(name);
        match (&demo, name) {
            // The site's own address is not an origin of a preview.
            (_, "BASE_URL") => None,
            (None, _) => known,
            (Some((upstream, _)), "OPENAI_BASE_URL") => Some(upstream.clone()),
            (Some((_, token)), session::OPENAI_API_KEY) => Some(token.as_str().to_owned()),
            (Some((_, token)), name) if keys.contains(name) => Some(token.as_str().to_owned()),
            (Some((_, token)), name) if name == SERVER_SECRET || servers.contains(name) => {
                Some(known.unwrap_or_else(|| format!("demo-{}", token.as_str())))
            }
            (Some(_), "VISITOR_SECRET" | IDENTITY_SECRET) => known,
            (Some(_), name) if identities.contains(name) => known,
            (Some(_), name) if workflows.contains(name) => {
                Some(known.unwrap_or_else(|| "wf_demo".to_owned()))
            }
            // A form of a demo goes nowhere, and says so.
            (Some((_, token)), name) if contact.contains(name) => {
                Some(format!("https://nobody.invalid/{}", token.as_str()))
            }
            (Some(_), _) => None,
        }
    });
    let hub = Arc::clone(hub);
    let titles = titles(&part.site);
    let site = session::Site::from_bytes(site_parts(&part.site, BTreeMap::new()).to_bytes());
    let service = Service::new(settings, site);
    // Nothing of a demo leaves this machine.
    let service = match is_demo {
        true => service.without_events(),
        false => service,
    };
    service.with_log(move |line| {
        if let Ok(mut line) = serde_json::from_str::<serde_json::Value>(line) {
            line["visitor_known"] = json!(line["known_visitor"] == true);
            if let Some(cited) = line["cited"].as_array() {
                let cited = cited.iter().filter_map(|id| titles.get(id.as_str()?));
                line["sources"] = cited.cloned().collect();
            }
            hub.tell("session", &line);
        }
    })
}

/// The titles of all passages, by their ids.
fn titles(site: &Site) -> HashMap<String, String> {
    let agents = site
        .widgets
        .iter()
        .filter_map(|widget| match &widget.backend {
            Backend::Agent(agent) => agent.knowledge.as_ref(),
            Backend::Hosted(_) | Backend::Server(_) => None,
        });
    agents.flat_map(Knowledge::titles).collect()
}

/// The variables that a site's widgets name.
fn names(site: &Site, of: impl Fn(&Widget) -> Option<&str>) -> BTreeSet<String> {
    let names = site.widgets.iter().filter_map(of);
    names.map(str::to_owned).collect()
}

fn contact_variables(site: &Site) -> BTreeSet<String> {
    let agents = site
        .widgets
        .iter()
        .filter_map(|widget| match &widget.backend {
            Backend::Agent(agent) => Some(agent.contact_variables()),
            Backend::Hosted(_) | Backend::Server(_) => None,
        });
    agents.flatten().collect()
}

/// Mints a session that only the stand-in chat accepts. `authorization` is what the session code sends.
pub(in crate::preview) fn mint(authorization: Option<&str>, token: &Token) -> Reply {
    if !token.is(authorization.and_then(|value| value.strip_prefix("Bearer "))) {
        return Reply::error(401, "invalid_api_key", "this is not the preview's key");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let expires = now.unwrap_or_default() + SESSION;
    let secret = Token::new().map(|secret| format!("demo_{}", secret.as_str()));
    match secret {
        Ok(secret) => Reply::json(
            200,
            &json!({"client_secret": secret, "expires_at": expires.as_secs()}),
        ),
        Err(err) => Reply::error(500, "internal", &err.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_session_code_of_this_run_gets_a_session() -> anyhow::Result<()> {
        let token = Token::new()?;
        let bearer = format!("Bearer {}", token.as_str());
        assert_eq!(mint(Some(&bearer), &token).status, 200);
        assert_eq!(mint(Some("Bearer x"), &token).status, 401);
        assert_eq!(mint(None, &token).status, 401);
        Ok(())
    }
}
