//! `type: agent`: the function itself answers, with a model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The comment above a new one.
pub(super) const COMMENT: &str = "\
A model answers, and `instructions` say how. The function needs OPENAI_API_KEY; `domain_key` is the key that OpenAI
gives for your domain. `watch` answers without either.";

/// The model of an agent that names none.
pub(crate) const MODEL: &str = "gpt-6-luna";

/// The fewest tokens that an answer can be limited to.
pub(crate) const LEAST_OUTPUT: u32 = 16;

/// The most tokens that an answer can be limited to.
pub(crate) const MOST_OUTPUT: u32 = 32_000;

/// A model that answers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentSection {
    /// The public key that OpenAI issues for the site's domain, `domain_pk_…`.
    #[schemars(extend("x-default" = {"text": super::domain_key_default()}))]
    pub(crate) domain_key: Option<String>,
    /// What the model is told before each conversation: who it is, what it knows, and what it must not do.
    #[schemars(extend("x-control" = "lines"))]
    pub(crate) instructions: Option<String>,
    /// A text file with the instructions, in the folder of `site.yaml` or below it.
    #[schemars(extend("x-unless" = "instructions"))]
    pub(crate) instructions_file: Option<String>,
    /// The variable that holds the OpenAI key of this widget, for clients who pay for themselves. Visitors and
    /// conversations of widgets with different variables are strangers to each other.
    #[schemars(extend("x-default" = {"value": session::OPENAI_API_KEY}))]
    pub(crate) api_key_env: Option<String>,
    /// The model. Any name is accepted, because names change often.
    #[serde(default = "default_model")]
    pub(crate) model: String,
    /// How much the model thinks before it answers. More is slower and costs more.
    #[serde(default)]
    pub(crate) reasoning: Reasoning,
    /// How much it says.
    #[serde(default)]
    pub(crate) verbosity: Verbosity,
    /// The pages of your website that it answers from.
    pub(crate) knowledge: Option<KnowledgeSection>,
    /// Whether its answers show the pages that they come from.
    #[serde(default = "yes")]
    pub(crate) sources: bool,
    /// Rules that precede the instructions. Replaces ours, which keep the model to your pages and your subject.
    #[schemars(extend("x-control" = "lines", "x-default" = {"text": "our rules; the README shows them"}))]
    pub(crate) preamble: Option<String>,
    /// Lets it search the web, or some domains alone.
    pub(crate) web_search: Option<WebSearchSection>,
    /// Lets it search files that you have uploaded to OpenAI.
    pub(crate) file_search: Option<FileSearchSection>,
    /// Servers whose tools it may use, by the Model Context Protocol. OpenAI calls them.
    #[serde(default)]
    pub(crate) mcp: Vec<McpSection>,
    /// A form by which visitors reach a person, when they ask for one or the agent cannot help.
    pub(crate) contact: Option<Box<ContactSection>>,
    /// A webhook that is told of each turn, and of thumbs up and down.
    pub(crate) events: Option<Box<EventsSection>>,
    /// What a visitor may cost.
    #[serde(default)]
    pub(crate) limits: LimitsSection,
    /// Lets OpenAI keep conversations for 30 days, where you can read them.
    #[serde(default)]
    pub(crate) store: bool,
}

fn default_model() -> String {
    MODEL.to_owned()
}

fn yes() -> bool {
    true
}

/// The pages of a website that an agent answers from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnowledgeSection {
    /// Globs of Markdown, HTML and text files, from the folder of `site.yaml`, such as `knowledge/**/*.md`.
    pub(crate) files: Vec<String>,
    /// The address of the website, https. The addresses of pages that give none themselves follow from it and from the
    /// paths of their files.
    pub(crate) base_url: Option<String>,
    /// Knowledge of up to so many tokens is a part of each request; of more, only what a search finds.
    #[serde(default = "default_prompt_tokens")]
    #[schemars(range(min = 0, max = 200_000))]
    pub(crate) prompt_tokens: u32,
}

fn default_prompt_tokens() -> u32 {
    25_000
}

/// How much a model thinks.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reasoning {
    /// Not at all.
    None,
    /// Hardly.
    Minimal,
    /// A little.
    #[default]
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// Very much.
    Xhigh,
    /// As much as it can.
    Max,
}

/// How much a model says.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verbosity {
    /// Short answers.
    #[default]
    Low,
    /// Longer ones.
    Medium,
    /// Everything that it knows.
    High,
}

/// Whether a model may search the web.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected `true`, `false`, or `{domains: [www.example.com]}`"
)]
pub(crate) enum WebSearchSection {
    /// Everywhere, or not at all.
    #[schemars(title = "Everywhere")]
    Everywhere(bool),
    /// On these domains alone.
    #[schemars(title = "Some domains")]
    Some(DomainsSection),
}

/// The domains that a model may search.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DomainsSection {
    /// Domains, without `https://`; each includes its subdomains.
    pub(crate) domains: Vec<String>,
}

/// Files that a model may search.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSearchSection {
    /// Ids of vector stores, `vs_…`.
    pub(crate) vector_stores: Vec<String>,
}

/// A server of tools.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct McpSection {
    /// A short name for the model, such as `shop`.
    pub(crate) label: String,
    /// Its address, https.
    pub(crate) url: String,
    /// The variable that holds the token for it.
    pub(crate) authorization_env: Option<String>,
    /// The only tools that the model may use; without it, all.
    #[serde(default)]
    pub(crate) allow: Vec<String>,
}

/// A form by which visitors reach a person.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactSection {
    /// Whoever gets what visitors write.
    pub(crate) to: ContactTargetSection,
    /// What visitors fill in.
    #[serde(default = "all_fields")]
    pub(crate) fields: Vec<ContactField>,
}

/// Whoever gets what visitors write.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected `netlify-form` or `{webhook_env: NAME}`"
)]
pub(crate) enum ContactTargetSection {
    /// Netlify Forms: mails, spam filter and list, on Netlify alone.
    #[schemars(title = "Netlify Forms")]
    Netlify(NetlifyForm),
    /// Your own server, by a signed request.
    #[schemars(title = "A webhook")]
    Webhook(WebhookSection),
}

/// The form of the site that Netlify detects.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub(crate) enum NetlifyForm {
    /// By the page that `build` writes for it.
    #[serde(rename = "netlify-form")]
    NetlifyForm,
}

/// A server of your own that gets what visitors write.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookSection {
    /// The variable that holds its address, https. A second one, with `_SECRET` at its end, holds the secret that signs.
    pub(crate) webhook_env: String,
}

/// A webhook that is told of each turn.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventsSection {
    /// The variable that holds its address, https. A second one, with `_SECRET` at its end, holds the secret that signs.
    pub(crate) webhook_env: String,
    /// Sends questions and answers as well. The chat then tells visitors so, before they write.
    #[serde(default)]
    pub(crate) transcripts: bool,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ContactField {
    /// Who it is.
    Name,
    /// Where to answer.
    Email,
    /// What it is about.
    Message,
}

fn all_fields() -> Vec<ContactField> {
    vec![
        ContactField::Name,
        ContactField::Email,
        ContactField::Message,
    ]
}

/// What a visitor may cost.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsSection {
    /// Most characters of a message; 0 for no limit.
    #[schemars(range(min = 0, max = 100_000))]
    pub(crate) message: u32,
    /// Most messages in a conversation; 0 for no limit.
    #[schemars(range(min = 0, max = 1000))]
    pub(crate) turns: u32,
    /// Most tokens of an answer, including what the model thinks; 16 to 32,000.
    #[schemars(range(min = LEAST_OUTPUT, max = MOST_OUTPUT))]
    pub(crate) output: u32,
    /// Most calls of tools for an answer; 0 for none.
    #[schemars(range(min = 0, max = 100))]
    pub(crate) tool_calls: u32,
}

impl Default for LimitsSection {
    fn default() -> Self {
        let session::AgentLimits {
            message,
            turns,
            output,
            tool_calls,
        } = session::AgentLimits::default();
        Self {
            message,
            turns,
            output,
            tool_calls,
        }
    }
}

pub(super) fn starter() -> Map<String, Value> {
    Map::from_iter([
        ("domain_key".to_owned(), json!("domain_pk_example")),
        (
            "instructions".to_owned(),
            json!(
                "You answer visitors of our website. Be brief and friendly. Say so if you do not know something."
            ),
        ),
    ])
}
