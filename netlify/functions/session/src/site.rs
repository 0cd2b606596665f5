//! The site's settings for the function, compiled in and written by the generator.
//!
//! The first line is the JSON of [`SiteSettings`]. Each further line is a widget: its name, a space, and the JSON of
//! [`WidgetSettings`]. Widgets are sorted by the bytes of their names, so a binary search finds one, and only its
//! line is parsed: a site with many widgets starts as fast as a site with one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::RequestError;
use crate::knowledge::Knowledge;
use crate::settings::CHATKIT_SERVER_SECRET;
use crate::settings::{OPENAI_API_KEY, WORKFLOW_ID};

/// Settings of the whole site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSettings {
    /// The site's address, such as `https://chat.example.com`. Its origin may always ask.
    pub url: String,
    /// Other origins that may ask; each an [`OriginPattern`](crate::OriginPattern).
    pub allowed_origins: Vec<String>,
    /// Answers only at `/api/chatkit/session`, and not at the address that Netlify gives to the function itself,
    /// which bypasses the rate limit of the site's redirect. Default: yes.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub refuse_direct_calls: bool,
}

fn yes() -> bool {
    true
}

/// One widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WidgetSettings {
    /// The back end.
    pub backend: BackendSettings,
    /// The visitors who may use it.
    #[serde(default, skip_serializing_if = "IdentityRule::is_optional")]
    pub identity: IdentityRule,
}

/// The visitors who may use a widget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityRule {
    /// Everybody; visitors whom the host site identifies are known by name.
    #[default]
    Optional,
    /// Only visitors whom the host site identifies.
    Required,
}

impl IdentityRule {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    fn is_optional(&self) -> bool {
        *self == IdentityRule::Optional
    }
}

/// The back end of a widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum BackendSettings {
    /// A workflow hosted by OpenAI.
    Hosted(HostedSettings),
    /// The user's own ChatKit server.
    Server(ServerSettings),
    /// This program itself, with a model.
    Agent(Box<AgentSettings>),
}

impl BackendSettings {
    /// The variable of the secret that sessions require.
    pub(crate) fn secret(&self) -> &'static str {
        match self {
            BackendSettings::Hosted(_) | BackendSettings::Agent(_) => OPENAI_API_KEY,
            BackendSettings::Server(_) => CHATKIT_SERVER_SECRET,
        }
    }
}

/// A hosted workflow and its sessions. If a setting is `None`, it is not sent, and OpenAI's default applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedSettings {
    /// The workflow.
    pub workflow: Workflow,
    /// Its version. OpenAI's default: the latest one that is deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_version: Option<String>,
    /// Lifetime of a session in seconds, 1 to 600. OpenAI's default: 600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after: Option<u16>,
    /// Messages that a session accepts per minute, 1 or more. OpenAI's default: 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_requests_per_minute: Option<u32>,
    /// Lets a visitor find earlier conversations. OpenAI's default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<bool>,
    /// The number of those, 1 or more. OpenAI's default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recent_threads: Option<u32>,
    /// Gives conversations a title. OpenAI's default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_titles: Option<bool>,
    /// Files that a visitor may send. OpenAI's default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_upload: Option<FileUpload>,
    /// Values that the workflow receives, by name: strings, numbers and booleans. At most 64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub state_variables: BTreeMap<String, Value>,
    /// Lets OpenAI keep traces of the workflow's runs. OpenAI's default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracing: Option<bool>,
}

/// Files that a visitor may send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileUpload {
    /// Largest file in megabytes, 1 to 512. OpenAI's default: 512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_file_size: Option<u16>,
    /// Most files in one session, 1 or more. OpenAI's default: 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_files: Option<u32>,
}

/// An agent: a model with instructions. If a setting is `None`, it is not sent, and the upstream's default applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSettings {
    /// Rules that precede the instructions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub preamble: String,
    /// What the model is told before the conversation.
    pub instructions: String,
    /// The pages that it answers from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge: Option<KnowledgeSettings>,
    /// The model. Any name is passed on, because names change.
    pub model: String,
    /// How much it thinks before it answers: `none` to `max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// How much it says: `low`, `medium` or `high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<String>,
    /// Lets it search the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_search: Option<WebSearch>,
    /// Ids of vector stores that it searches, `vs_…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vector_stores: Vec<String>,
    /// Tools that run elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mcp: Vec<McpServer>,
    /// The form by which a visitor reaches a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactSettings>,
    /// What a visitor may cost.
    pub limits: AgentLimits,
    /// What tokens cost, for the log, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<TokenPrice>,
    /// Lets OpenAI keep logs for 30 days.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub store: bool,
    /// The language of the widget's texts, such as `en`: for visitors whose browser names none that is known here.
    pub language: String,
}

/// What tokens cost, in billionths of a dollar each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPrice {
    /// What the model reads.
    pub input: u32,
    /// What it has read before.
    pub cached: u32,
    /// What it writes.
    pub output: u32,
}

impl TokenPrice {
    /// Dollars for these tokens; `cached` is a part of `input`.
    pub fn of(self, input: u64, cached: u64, output: u64) -> f64 {
        let cached = cached.min(input);
        let cost = |tokens: u64, each: u32| tokens as f64 * f64::from(each);
        let sum = cost(input - cached, self.input)
            + cost(cached, self.cached)
            + cost(output, self.output);
        sum / 1e9
    }
}

/// The pages that an agent answers from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeSettings {
    /// Where its collection begins among all of them, in bytes; see [`collect`](crate::collect).
    pub at: u64,
    /// The length of the collection, in bytes.
    pub length: u64,
    /// Whether all of it is a part of each request. Otherwise, only what a search finds is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_whole: bool,
    /// Shows the pages that an answer comes from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sources: bool,
}

/// The form by which a visitor reaches a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactSettings {
    /// Whoever gets what it sends.
    pub to: ContactTarget,
    /// Its fields, in their order. Each has to be filled in.
    pub fields: Vec<ContactField>,
}

/// Whoever gets what a form sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactTarget {
    /// Netlify Forms, by the form that the site's page `w/<widget>/form.html` declares; see [`netlify_form`](crate::netlify_form).
    NetlifyForm,
    /// The address in the variable of this name; see [`variables_of_webhook`](crate::variables_of_webhook).
    Webhook(String),
}

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactField {
    /// The visitor's name.
    Name,
    /// The visitor's address.
    Email,
    /// What the visitor wants.
    Message,
}

impl ContactField {
    /// Its name in what is sent.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ContactField::Name => "name",
            ContactField::Email => "email",
            ContactField::Message => "message",
        }
    }
}

/// A search of the web.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSearch {
    /// The only domains that it searches; none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
}

/// A server of tools that speaks the Model Context Protocol. OpenAI calls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct McpServer {
    /// Its name for the model.
    pub label: String,
    /// Its address.
    pub url: String,
    /// The variable that holds the token for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_env: Option<String>,
    /// The only tools that the model may call; none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
}

/// What a visitor of an agent may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentLimits {
    /// Most characters of a message.
    pub message: u32,
    /// Most messages in a thread.
    pub turns: u32,
    /// Most tokens of an answer.
    pub output: u32,
    /// Most calls of tools for an answer.
    pub tool_calls: u32,
}

impl Default for AgentLimits {
    fn default() -> AgentLimits {
        AgentLimits {
            message: 2000,
            turns: 30,
            output: 800,
            tool_calls: 3,
        }
    }
}

/// A ChatKit server and its sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// Its address, such as `https://agent.example.com/chatkit`, which is also the `aud` of its sessions.
    pub url: String,
    /// Lifetime of a session in seconds. Default: 600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after: Option<u16>,
}

/// The source of a workflow's id. Default: the variable `CHATKIT_WORKFLOW_ID`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Workflow {
    /// The variable of this name, read when a session is minted.
    Env(String),
    /// The id itself, such as `wf_…`.
    Id(String),
}

impl Default for Workflow {
    fn default() -> Workflow {
        Workflow::Env(WORKFLOW_ID.to_owned())
    }
}

/// Writes a site for [`Site::from_bytes`]. Names must not contain white space: a name ends at the first space.
pub fn encode(site: &SiteSettings, widgets: &BTreeMap<String, WidgetSettings>) -> Vec<u8> {
    let mut bytes = json(site);
    for (name, widget) in widgets {
        bytes.push(b'\n');
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(&json(widget));
    }
    bytes.push(b'\n');
    bytes
}

/// serde_json writes a single line: it escapes line breaks in strings.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain structs of strings and numbers cannot fail")
}

/// A site, still as text; see the top of this file.
pub struct Site {
    bytes: Cow<'static, [u8]>,
    /// The collections of all agents, one after the other.
    knowledge: Cow<'static, [u8]>,
}

impl Site {
    /// The site that was compiled into this binary; empty if the generator had not run before.
    pub fn compiled() -> Site {
        Site::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/site.jsonl")).as_slice())
            .with_knowledge(include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.bin")).as_slice())
    }

    /// A site from the output of [`encode`]. Errors in it are reported when it is used.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Site {
        Site {
            bytes: bytes.into(),
            knowledge: Cow::Borrowed(&[]),
        }
    }

    /// The same site with the collections of its agents, one after the other.
    #[must_use]
    pub fn with_knowledge(self, knowledge: impl Into<Cow<'static, [u8]>>) -> Site {
        Site {
            knowledge: knowledge.into(),
            ..self
        }
    }

    /// What an agent knows.
    pub(crate) fn knowledge(
        &self,
        place: KnowledgeSettings,
    ) -> Result<Knowledge<'_>, RequestError> {
        let range = usize::try_from(place.at)
            .ok()
            .zip(usize::try_from(place.length).ok());
        let bytes = range.and_then(|(at, length)| self.knowledge.get(at..)?.get(..length));
        let knowledge = bytes.and_then(|bytes| Knowledge::open(bytes).ok());
        knowledge.ok_or_else(|| RequestError::NotConfigured {
            detail: "the agent's knowledge is missing or of another version: run `cargo run -- build` and build the \
                     function again"
                .to_owned(),
        })
    }

    /// The first line, or its error, written for the site's owner.
    pub(crate) fn settings(&self) -> Result<SiteSettings, String> {
        if self.bytes.is_empty() {
            return Err("the function was built without the settings of a site; \
                        run `cargo run -- build` before the function is built"
                .to_owned());
        }
        serde_json::from_slice(&self.bytes[..line_end(&self.bytes, 0)])
            .map_err(|err| broken("the first line", &err))
    }

    /// The widget with this name. Parses only its own line.
    pub(crate) fn widget(&self, name: &str) -> Result<WidgetSettings, RequestError> {
        let json = self
            .find(name.as_bytes())
            .ok_or(RequestError::UnknownWidget)?;
        serde_json::from_slice(json).map_err(|err| RequestError::NotConfigured {
            detail: broken("the widget's line", &err),
        })
    }

    /// Binary search for the line with this name, after the first line.
    fn find(&self, name: &[u8]) -> Option<&[u8]> {
        let bytes = &*self.bytes;
        // Both are always at the start of a line, or at the end.
        let mut low = (line_end(bytes, 0) + 1).min(bytes.len());
        let mut high = bytes.len();
        while low < high {
            let middle = low + (high - low) / 2;
            let before = bytes[low..middle].iter().rposition(|byte| *byte == b'\n');
            let start = before.map_or(low, |at| low + at + 1);
            let end = line_end(bytes, start);
            let line = &bytes[start..end];
            let space = line.iter().position(|byte| *byte == b' ')?;
            match line[..space].cmp(name) {
                std::cmp::Ordering::Equal => return Some(&line[space + 1..]),
                std::cmp::Ordering::Less => low = (end + 1).min(high),
                std::cmp::Ordering::Greater => high = start,
            }
        }
        None
    }
}

/// The end of the line that contains `from`, without its line break.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes[from..].iter().position(|byte| *byte == b'\n');
    rest.map_or(bytes.len(), |at| from + at)
}

fn broken(what: &str, err: &serde_json::Error) -> String {
    format!(
        "failed to read {what} of the compiled site: {err}; function and generator must have the same version: \
         run `cargo run -- build` and build the function again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site_settings() -> SiteSettings {
        SiteSettings {
            url: "https://chat.example.com".to_owned(),
            allowed_origins: vec!["https://*.example.com".to_owned()],
            refuse_direct_calls: true,
        }
    }

    fn widget(id: &str) -> WidgetSettings {
        WidgetSettings {
            backend: BackendSettings::Hosted(HostedSettings {
                workflow: Workflow::Id(id.to_owned()),
                ..HostedSettings::default()
            }),
            identity: IdentityRule::Optional,
        }
    }

    fn site(names: impl IntoIterator<Item = String>) -> Site {
        let widgets = names.into_iter().map(|name| (name.clone(), widget(&name)));
        Site::from_bytes(encode(&site_settings(), &widgets.collect()))
    }

    #[test]
    fn what_was_encoded_is_found_again() {
        for count in [0, 1, 2, 3, 7, 1000] {
            let site = site((0..count).map(|n| format!("w{n}")));
            assert_eq!(site.settings(), Ok(site_settings()));
            for n in 0..count {
                let name = format!("w{n}");
                assert_eq!(site.widget(&name).unwrap(), widget(&name), "of {count}");
            }
            for name in ["", "a", "w", "w5x", "z", " ", "w1 ", "\n", "{", "w1\nw2"] {
                assert!(
                    matches!(site.widget(name), Err(RequestError::UnknownWidget)),
                    "{name:?} of {count}"
                );
            }
        }
    }

    #[test]
    fn only_the_line_of_the_widget_is_parsed() {
        let text = "{\"url\":\"https://a.example\",\"allowed_origins\":[]}\n\
                    a {garbage\nb {\"backend\":{\"type\":\"hosted\",\"workflow\":{\"id\":\"wf_1\"}}}\nc \u{0}\n";
        let site = Site::from_bytes(text.as_bytes());
        assert!(site.settings().is_ok());
        assert_eq!(site.widget("b").unwrap(), widget("wf_1"));
        let error = site.widget("a").unwrap_err();
        assert_eq!(error.status_and_code(), (500, "not_configured"));
        assert!(error.detail().contains("the widget's line"));
    }

    #[test]
    fn empty_site_says_what_to_run_first() {
        let error = Site::from_bytes(b"".as_slice()).settings().unwrap_err();
        assert!(error.contains("run `cargo run -- build` before"), "{error}");
    }

    #[test]
    fn site_cut_anywhere_never_panics() {
        let bytes = encode(
            &site_settings(),
            &BTreeMap::from([("a".to_owned(), widget("a")), ("b".to_owned(), widget("b"))]),
        );
        for length in 0..bytes.len() {
            let site = Site::from_bytes(bytes[..length].to_vec());
            let _ = (site.settings(), site.widget("a"), site.widget("b"));
        }
    }

    #[test]
    fn settings_are_written_as_documented() {
        let bytes = encode(
            &site_settings(),
            &BTreeMap::from([(
                "support".to_owned(),
                WidgetSettings {
                    backend: BackendSettings::Hosted(HostedSettings {
                        history: Some(false),
                        ..HostedSettings::default()
                    }),
                    identity: IdentityRule::Required,
                },
            )]),
        );
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            r#"{"url":"https://chat.example.com","allowed_origins":["https://*.example.com"]}
support {"backend":{"type":"hosted","workflow":{"env":"CHATKIT_WORKFLOW_ID"},"history":false},"identity":"required"}
"#
        );
    }

    #[test]
    fn unknown_setting_is_an_error() {
        let text = "{\"url\":\"https://a.example\",\"allowed_origins\":[],\"x\":1}\n\
                    a {\"backend\":{\"type\":\"hosted\",\"workflow\":{\"id\":\"wf\"},\"x\":1}}\n";
        let site = Site::from_bytes(text.as_bytes());
        assert!(site.settings().unwrap_err().contains("unknown field `x`"));
        let detail = site.widget("a").unwrap_err().detail();
        assert!(detail.contains("unknown field `x`"), "{detail}");
    }
}
