//! An agent: the function itself, with a model.

use std::borrow::Cow;

use serde::Serialize;
use session::{
    AgentLimits, AgentSettings, ContactSettings, ContactTarget, EventsSettings, McpServer,
    WebSearch,
};
use url::Url;

use super::knowledge::{self, Knowledge};
use super::server::domain_key_from;
use super::{Attachments, preamble};
use crate::chatkit::ChatKitOptions;
use crate::config::{
    AgentSection, ContactField, ContactSection, ContactTargetSection, DomainsSection,
    EventsSection, FileSearchSection, LimitsSection, McpSection, NetlifyForm, WebSearchSection,
    WebhookSection,
};
use crate::environment::is_variable_name;
use crate::price;
use crate::site::found::{Context, Found, variable_name};
use crate::yaml::Problem;

/// The largest instructions, in bytes: each message pays for them.
const LONGEST_INSTRUCTIONS: usize = 100 * 1024;

/// An agent.
#[derive(Debug)]
pub(crate) struct Agent {
    /// The public key of the site's domain.
    pub(crate) domain_key: String,
    /// The file that the instructions come from, if they are not in `site.yaml`.
    pub(crate) file: Option<String>,
    /// The pages that it answers from.
    pub(crate) knowledge: Option<Knowledge>,
    /// What the function has to know, without the place of the knowledge; nobody else may.
    pub(crate) settings: AgentSettings,
}

impl Agent {
    /// The variables that the function reads.
    pub(super) fn variables(&self) -> Vec<Cow<'_, str>> {
        let servers = self.settings.mcp.iter();
        let tokens = servers.filter_map(|server| server.authorization_env.as_deref());
        let key = self.settings.api_key_env.as_deref();
        [key.unwrap_or(session::OPENAI_API_KEY)]
            .into_iter()
            .chain(tokens)
            .map(Cow::Borrowed)
            .chain(self.contact_variables().map(Cow::Owned))
            .chain(self.events_variables().map(Cow::Owned))
            .collect()
    }

    fn events_variables(&self) -> impl Iterator<Item = String> {
        let events = self.settings.events.as_ref();
        let names = events.map(|events| session::variables_of_webhook(&events.webhook));
        names.into_iter().flatten()
    }
}

impl Agent {
    pub(super) fn has_transcripts(&self) -> bool {
        let events = self.settings.events.as_ref();
        events.is_some_and(|events| events.transcripts)
    }

    /// The variables of the webhook that gets its contact form: its address, and its secret.
    pub(crate) fn contact_variables(&self) -> impl Iterator<Item = String> {
        let names = match self.settings.contact.as_ref().map(|contact| &contact.to) {
            Some(ContactTarget::Webhook(name)) => Some(session::variables_of_webhook(name)),
            Some(ContactTarget::NetlifyForm) | None => None,
        };
        names.into_iter().flatten()
    }

    /// The fields of the form that Netlify gets, if it gets one.
    pub(crate) fn netlify_fields(&self) -> Option<&[session::ContactField]> {
        let contact = self.settings.contact.as_ref()?;
        (contact.to == ContactTarget::NetlifyForm).then_some(&*contact.fields)
    }
}

impl Agent {
    /// The settings for the function. What it knows is added to `knowledge`.
    pub(super) fn function_settings(&self, knowledge: &mut Vec<Vec<u8>>) -> AgentSettings {
        let mut settings = self.settings.clone();
        if let (Some(place), Some(known)) = (&mut settings.knowledge, &self.knowledge) {
            place.collection = add(knowledge, known.collection());
        }
        settings
    }
}

/// Adds a collection, unless another agent has the same, and returns its place.
fn add(knowledge: &mut Vec<Vec<u8>>, collection: &[u8]) -> u32 {
    let known = knowledge.iter().position(|known| known == collection);
    let at = known.unwrap_or_else(|| {
        knowledge.push(collection.to_owned());
        knowledge.len() - 1
    });
    u32::try_from(at).expect("a site has fewer widgets")
}

/// The most that an hour of abuse may take.
pub(crate) struct Worst {
    /// Messages that one address can send.
    pub(crate) messages: u64,
    /// Tokens of one message with everything that goes along, and of its answer.
    pub(crate) tokens: u64,
    /// Dollars for all of it, if the price of the model is known.
    pub(crate) dollars: Option<f64>,
}

impl Agent {
    /// About the most that somebody with one address can take in an hour, without what tools return. Counts a token for
    /// each byte, which is more than any usual text has, and the longest conversation that a browser can send.
    pub(crate) fn worst_hour(&self) -> Worst {
        let AgentLimits {
            output, tool_calls, ..
        } = self.settings.limits;
        let output = u64::from(output);
        let AgentSettings {
            preamble,
            instructions,
            ..
        } = &self.settings;
        let known = self.knowledge.as_ref();
        let known = known.map_or(0, |known| known.tokens_of_a_request() * BYTES_OF_A_TOKEN);
        let input = preamble.len() + instructions.len() + known + session::LARGEST_STATE;
        let input = input as u64;
        let has_tools = self.settings.web_search.is_some()
            || !self.settings.vector_stores.is_empty()
            || !self.settings.mcp.is_empty();
        let tools = if has_tools {
            f64::from(tool_calls) * price::SEARCH
        } else {
            0.0
        };
        let one = price::of(&self.settings.model);
        let one = one.map(|price| price.of(input, 0, output) + tools);
        Worst {
            messages: MESSAGES_PER_HOUR,
            tokens: input + output,
            dollars: one.map(|one| one * MESSAGES_PER_HOUR as f64),
        }
    }
}

/// At most, in the languages that our estimate of tokens is for.
const BYTES_OF_A_TOKEN: usize = 4;

/// By the limit for one address, unless a variable changes it.
const MESSAGES_PER_HOUR: u64 = 60 * session::MESSAGES_PER_ADDRESS as u64;

/// `language` is that of the widget's page, if that is known.
pub(super) fn from_config(
    section: AgentSection,
    attachments: Attachments,
    language: &str,
    context: &Context<'_>,
    found: &mut Found,
) -> Option<Agent> {
    let AgentSection {
        domain_key,
        instructions,
        instructions_file,
        knowledge,
        sources,
        preamble,
        api_key_env,
        model,
        reasoning,
        verbosity,
        web_search,
        file_search,
        mcp,
        contact,
        events,
        limits,
        store,
    } = section;
    let domain_key = domain_key_from(domain_key, context.environment, found);
    let instructions =
        instructions_from(instructions, instructions_file.as_deref(), context, found);
    let api_key_env = variable_name("backend.api_key_env", api_key_env, found);
    check_model(&model, found);
    refuse_files(attachments, found);
    let has_knowledge = knowledge.is_some();
    let knowledge =
        knowledge.map(|section| knowledge::from_config(section, language, context, found));
    let web_search = web_search.and_then(|section| web_search_from(section, found));
    let vector_stores = file_search.map(|section| vector_stores_from(section, found));
    let servers = mcp.into_iter().enumerate();
    let mcp = servers.map(|(index, section)| mcp_from(index, section, found));
    let mcp: Vec<_> = mcp.collect();
    let has_contact = contact.is_some();
    let contact = contact.map(|section| contact_from(*section, limits, found));
    let contact = contact.map_or(Some(None), |contact| contact.map(Some))?;
    let events = events.map(|section| events_from(*section, found));
    let events = events.map_or(Some(None), |events| events.map(Some))?;
    let knowledge = knowledge.map_or(Some(None), |knowledge| knowledge.map(Some))?;
    let price = price::of(&model);
    Some(Agent {
        domain_key: domain_key?,
        file: instructions_file,
        settings: AgentSettings {
            preamble: preamble.unwrap_or_else(|| preamble::of(has_knowledge, has_contact)),
            instructions: instructions?,
            knowledge: knowledge.as_ref().map(|known| known.settings(sources)),
            api_key_env,
            model,
            reasoning: Some(word(reasoning)),
            verbosity: Some(word(verbosity)),
            web_search,
            vector_stores: vector_stores.unwrap_or_default(),
            mcp: mcp.into_iter().collect::<Option<_>>()?,
            contact,
            events,
            limits: limits_from(limits),
            price,
            store,
            language: language.to_owned(),
        },
        knowledge,
    })
}

/// A choice as it is written in `site.yaml`, and as OpenAI writes it.
fn word(choice: impl Serialize) -> String {
    let value = serde_json::to_value(choice).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn limits_from(section: LimitsSection) -> AgentLimits {
    let LimitsSection {
        message,
        turns,
        output,
        tool_calls,
    } = section;
    AgentLimits {
        message,
        turns,
        output,
        tool_calls,
    }
}

fn check_model(model: &str, found: &mut Found) {
    if model.trim().is_empty() {
        let problem = Problem::on("backend.model", "`model` is empty");
        found.add(problem.hint("remove it for the default"));
    }
}

fn refuse_files(attachments: Attachments, found: &mut Found) {
    if attachments == Attachments::On {
        let problem = Problem::on("chatkit.composer.attachments", "an agent takes no files");
        found.add(problem.hint("turn attachments off"));
    }
}

/// Refuses what the browser would offer and no agent can do.
pub(super) fn refuse_ignored(options: &ChatKitOptions, found: &mut Found) {
    let composer = options.composer.as_ref();
    let dictation = composer.and_then(|composer| composer.dictation.as_ref());
    let has_models = composer.is_some_and(|composer| composer.models.is_some());
    let has_tools = composer.is_some_and(|composer| composer.tools.is_some());
    for (way, is_set, why) in [
        (
            "composer.dictation",
            dictation.is_some_and(|dictation| dictation.enabled),
            "an agent cannot listen",
        ),
        (
            "composer.models",
            has_models,
            "the site chooses the model, not the visitor",
        ),
        (
            "composer.tools",
            has_tools,
            "the site chooses the tools, not the visitor",
        ),
    ] {
        if is_set {
            let key = way.rsplit('.').next().unwrap_or(way);
            let way = format!("chatkit.{way}");
            let problem = Problem::on(&way, format!("`{key}` does not work with an agent"));
            found.add(problem.label(why).hint("remove it"));
        }
    }
}

/// The instructions, from `site.yaml` or from the file.
fn instructions_from(
    instructions: Option<String>,
    file: Option<&str>,
    context: &Context<'_>,
    found: &mut Found,
) -> Option<String> {
    let (way, text) = match (instructions, file) {
        (Some(_), Some(_)) => {
            let title = "`instructions` and `instructions_file` exclude each other";
            found.add(Problem::on("backend.instructions_file", title));
            return None;
        }
        (Some(text), None) => ("backend.instructions", text),
        (None, Some(name)) => {
            let way = "backend.instructions_file";
            let read = (context.read_text)(name);
            let read = read.map_err(|err| Problem::on(way, format!("{err:#}")).hint_of(&err));
            (way, found.keep(read)?)
        }
        (None, None) => {
            let problem = Problem::on("backend", "missing `instructions`");
            let problem = problem.label("expected what the model has to know and do");
            found
                .add(problem.hint("write them here, or name a text file with `instructions_file`"));
            return None;
        }
    };
    if text.trim().is_empty() {
        let problem = Problem::on(way, "the instructions are empty");
        found.add(problem.label("expected what the model has to know and do"));
        return None;
    }
    if text.len() > LONGEST_INSTRUCTIONS {
        let kib = text.len().div_ceil(1024);
        let problem = Problem::on(way, "the instructions are too long");
        let limit = LONGEST_INSTRUCTIONS / 1024;
        found.add(
            problem
                .label(format!(
                    "they have {kib} KiB, and at most {limit} are allowed"
                ))
                .hint("shorten them: each message pays for all of them"),
        );
        return None;
    }
    Some(text)
}

fn web_search_from(section: WebSearchSection, found: &mut Found) -> Option<WebSearch> {
    let domains = match section {
        WebSearchSection::Everywhere(false) => return None,
        WebSearchSection::Everywhere(true) => Vec::new(),
        WebSearchSection::Some(DomainsSection { domains }) => domains,
    };
    for (index, domain) in domains.iter().enumerate() {
        let address = Url::parse(&format!("https://{domain}/"));
        if !address.is_ok_and(|url| url.host_str() == Some(domain)) {
            let way = format!("backend.web_search.domains.{index}");
            let problem = Problem::on(&way, format!("`{domain}` is not a domain"));
            found.add(problem.label("expected a name such as `www.example.com`"));
        }
    }
    Some(WebSearch { domains })
}

fn vector_stores_from(section: FileSearchSection, found: &mut Found) -> Vec<String> {
    let FileSearchSection { vector_stores } = section;
    for (index, id) in vector_stores.iter().enumerate() {
        if !id.starts_with("vs_") {
            let way = format!("backend.file_search.vector_stores.{index}");
            let problem = Problem::on(&way, format!("`{id}` is not the id of a vector store"));
            found.add(problem.label("ids start with `vs_`"));
        }
    }
    vector_stores
}

fn contact_from(
    section: ContactSection,
    limits: LimitsSection,
    found: &mut Found,
) -> Option<ContactSettings> {
    let ContactSection { to, fields } = section;
    let to = match to {
        ContactTargetSection::Netlify(NetlifyForm::NetlifyForm) => ContactTarget::NetlifyForm,
        ContactTargetSection::Webhook(WebhookSection { webhook_env }) => ContactTarget::Webhook(
            variable("backend.contact.to.webhook_env", webhook_env, found)?,
        ),
    };
    if limits.tool_calls == 0 {
        let problem = Problem::on(
            "backend.limits.tool_calls",
            "`contact` needs a call of a tool",
        );
        found.add(problem.hint(
            "the model shows the form by a tool: allow at least 1, or use `fallback` instead",
        ));
    }
    let way = "backend.contact.fields";
    if !fields.contains(&ContactField::Email) && !fields.contains(&ContactField::Message) {
        let problem = Problem::on(way, "the form asks for too little");
        found.add(problem.label("expected at least one of `email` and `message`"));
    }
    for (index, field) in fields.iter().enumerate() {
        if fields[..index].contains(field) {
            let problem = Problem::on(&format!("{way}.{index}"), "duplicate field");
            found.add(problem.hint("remove it"));
        }
    }
    let field = |field| match field {
        ContactField::Name => session::ContactField::Name,
        ContactField::Email => session::ContactField::Email,
        ContactField::Message => session::ContactField::Message,
    };
    Some(ContactSettings {
        to,
        fields: fields.into_iter().map(field).collect(),
    })
}

fn events_from(section: EventsSection, found: &mut Found) -> Option<EventsSettings> {
    let EventsSection {
        webhook_env,
        transcripts,
    } = section;
    Some(EventsSettings {
        webhook: variable("backend.events.webhook_env", webhook_env, found)?,
        transcripts,
    })
}

/// The name of a variable.
fn variable(way: &str, name: String, found: &mut Found) -> Option<String> {
    if is_variable_name(&name) {
        return Some(name);
    }
    let title = format!("`{name}` is not a valid variable name");
    found.add(Problem::on(way, title));
    None
}

fn mcp_from(index: usize, section: McpSection, found: &mut Found) -> Option<McpServer> {
    let McpSection {
        label,
        url,
        authorization_env,
        allow,
    } = section;
    let way = |key: &str| format!("backend.mcp.{index}.{key}");
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if label.is_empty() || !label.bytes().all(is_word) {
        let problem = Problem::on(&way("label"), format!("`{label}` is not a label"));
        found.add(problem.label("expected letters, digits, `-` and `_`"));
    }
    let is_https =
        Url::parse(&url).is_ok_and(|url| url.scheme() == "https" && url.host().is_some());
    if !is_https {
        let problem = Problem::on(&way("url"), "`url` must begin with `https://`");
        found.add(problem.label("OpenAI calls it, from the internet"));
    }
    if let Some(name) = authorization_env
        .as_ref()
        .filter(|name| !is_variable_name(name))
    {
        let title = format!("`{name}` is not a valid variable name");
        found.add(Problem::on(&way("authorization_env"), title));
    }
    Some(McpServer {
        label,
        url,
        authorization_env,
        allow,
    })
}
