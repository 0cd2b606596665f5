//! The site's settings, as a section of its [pack](crate::pack).
//!
//! The first line is the JSON of [`SiteSettings`]. Each further line is a widget: its name, a space, and the JSON of
//! [`WidgetSettings`]. Widgets are sorted by the bytes of their names, so a binary search finds one, and only its
//! line is parsed: a site with many widgets starts as fast as a site with one.

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::RequestError;
use crate::knowledge::Knowledge;
use crate::pack::{Kind, Pack, PackError, Packer, Section};
use crate::published::{self, PackingError};
use crate::settings::{
    CHATKIT_SERVER_SECRET, IDENTITY_SECRET, OPENAI_API_KEY, SITE_PACK, Settings, WORKFLOW_ID,
};

/// Settings of the whole site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSettings {
    /// The site's address, such as `https://chat.example.com`. Its origin may always ask.
    pub url: String,
    /// Other origins that may ask; each an [`OriginPattern`](crate::OriginPattern).
    pub allowed_origins: Vec<String>,
    /// The origins of widgets that have their own: nobody else's pages may ask for those. All are here as well,
    /// because a preflight request names no widget.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins_of_widgets: Vec<String>,
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
    /// The origins that may ask for it, besides the site's own. Default: those of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    /// The variable of the secrets that verify its identities. Default: `IDENTITY_SECRET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_secret_env: Option<String>,
}

impl WidgetSettings {
    /// A widget with this back end, for everybody, on the site's origins.
    #[must_use]
    pub fn of(backend: BackendSettings) -> WidgetSettings {
        WidgetSettings {
            backend,
            identity: IdentityRule::Optional,
            allowed_origins: None,
            identity_secret_env: None,
        }
    }

    /// The variable of the secrets that verify its identities.
    pub(crate) fn identity_secret(&self) -> &str {
        self.identity_secret_env
            .as_deref()
            .unwrap_or(IDENTITY_SECRET)
    }
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
    pub(crate) fn secret(&self) -> &str {
        self.own_secret().unwrap_or(match self {
            BackendSettings::Hosted(_) | BackendSettings::Agent(_) => OPENAI_API_KEY,
            BackendSettings::Server(_) => CHATKIT_SERVER_SECRET,
        })
    }

    /// The same if the widget names one of its own, as a client of an agency has. What is signed for it is worth
    /// nothing at a widget that names another.
    pub(crate) fn own_secret(&self) -> Option<&str> {
        match self {
            BackendSettings::Hosted(hosted) => hosted.api_key_env.as_deref(),
            BackendSettings::Agent(agent) => agent.api_key_env.as_deref(),
            BackendSettings::Server(server) => server.secret_env.as_deref(),
        }
    }
}

/// A hosted workflow and its sessions. If a setting is `None`, it is not sent, and OpenAI's default applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedSettings {
    /// The workflow.
    pub workflow: Workflow,
    /// The variable of the OpenAI key. Default: `OPENAI_API_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
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
    /// The variable of the OpenAI key. Default: `OPENAI_API_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
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
    /// The webhook that is told of each turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<EventsSettings>,
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
    /// The place of its [collection](crate::collect) among all of the pack.
    pub collection: u32,
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

/// A webhook that is told of each turn, and of each opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsSettings {
    /// The variable that holds its address; see [`variables_of_webhook`](crate::variables_of_webhook).
    pub webhook: String,
    /// Whether it gets questions and answers. The page then tells the visitor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transcripts: bool,
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
    /// The variable of the secret that signs its sessions. Default: `CHATKIT_SERVER_SECRET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
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

/// All that the function knows of a site.
pub struct SiteParts {
    /// Of the whole site.
    pub settings: SiteSettings,
    /// By name. Names must not contain white space: a name ends at the first space.
    pub widgets: BTreeMap<String, WidgetSettings>,
    /// What the agents know: the collections, as [`collect`](crate::collect) writes them.
    pub knowledge: Vec<Vec<u8>>,
}

impl SiteParts {
    /// Writes a site pack, with the published files of a folder if there is one.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, and the errors of `out`.
    pub fn pack<W: Write>(&self, out: W, folder: Option<&Path>) -> Result<W, PackingError> {
        let mut packer = Packer::new(out)?;
        packer.add(Kind::Settings, &self.encode())?;
        for collection in &self.knowledge {
            packer.add(Kind::Knowledge, collection)?;
        }
        if let Some(folder) = folder {
            published::pack(folder, &mut packer)?;
        }
        Ok(packer.finish()?)
    }

    /// The pack as bytes in memory, without published files.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.pack(Vec::new(), None)
            .expect("memory takes what is written")
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = json(&self.settings);
        for (name, widget) in &self.widgets {
            bytes.push(b'\n');
            bytes.extend_from_slice(name.as_bytes());
            bytes.push(b' ');
            bytes.extend_from_slice(&json(widget));
        }
        bytes.push(b'\n');
        bytes
    }
}

/// serde_json writes a single line: it escapes line breaks in strings.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain structs of strings and numbers cannot fail")
}

/// A site whose pack is open, or the reason why it is not, written for the site's owner.
pub struct Site(Result<Opened, String>);

struct Opened {
    pack: Arc<Pack>,
    /// Still as text; see the top of this file.
    settings: Vec<u8>,
    /// The collections of the agents, each read when it is first needed.
    knowledge: Vec<Collection>,
}

struct Collection {
    section: Section,
    bytes: OnceLock<Result<Vec<u8>, String>>,
}

impl Site {
    /// The site of this process: the pack that `SITE_PACK` names, or else the one at the end of its executable. If that
    /// cannot be used, nothing else takes its place.
    pub fn find(settings: &Settings) -> Site {
        if let Some(path) = settings.value(SITE_PACK) {
            let pack = Pack::open_bare(Path::new(&path));
            return Site::open(pack, &format!("the site pack `{path}` in `{SITE_PACK}`"));
        }
        let itself = env::current_exe().or_else(|err| {
            // Without /proc.
            env::args_os().next().map(PathBuf::from).ok_or(err)
        });
        let name = "the site pack at the end of this program";
        match itself
            .map_err(PackError::from)
            .and_then(|path| Pack::open(&path))
        {
            Ok(Some(pack)) => Site::open(Ok(pack), name),
            Ok(None) => Site(Err(format!(
                "this program holds no site; start the one that `build --server` or `build --function` wrote, or name a \
                 file that `build --pack` wrote in `{SITE_PACK}`; if it is such a program, its end was lost: copy or build \
                 it again"
            ))),
            Err(err) => Site::open(Err(err), name),
        }
    }

    /// A site from the bytes of its pack.
    pub fn from_bytes(pack: Vec<u8>) -> Site {
        Site::open(Pack::from_bytes(pack), "the site pack")
    }

    /// The settings of all widgets in the pack at the end of a program, by name. `None` if it holds none that can be read.
    pub fn widgets_in(program: &Path) -> Option<BTreeMap<String, WidgetSettings>> {
        let pack = Pack::open(program).ok()??;
        let site = Site::open(Ok(pack), "the site pack");
        Some(site.widgets().ok()?.into_iter().collect())
    }

    fn open(pack: Result<Pack, PackError>, name: &str) -> Site {
        let opened = pack.and_then(|pack| {
            let settings = pack.sections(Kind::Settings).next();
            let settings = pack.read(settings.ok_or(PackError::Damaged)?)?;
            let knowledge = pack.sections(Kind::Knowledge);
            let knowledge = knowledge
                .map(|section| Collection {
                    section,
                    bytes: OnceLock::new(),
                })
                .collect();
            Ok(Opened {
                pack: Arc::new(pack),
                settings,
                knowledge,
            })
        });
        Site(opened.map_err(|err| format!("{name} cannot be used: {err}")))
    }

    fn opened(&self) -> Result<&Opened, String> {
        self.0.as_ref().map_err(Clone::clone)
    }

    /// Its pack, if that is open.
    pub(crate) fn pack(&self) -> Option<&Arc<Pack>> {
        self.0.as_ref().ok().map(|opened| &opened.pack)
    }

    /// What an agent knows.
    pub(crate) fn knowledge(
        &self,
        settings: KnowledgeSettings,
    ) -> Result<Knowledge<'_>, RequestError> {
        self.collection(settings.collection)
            .and_then(|bytes| Knowledge::open(bytes).map_err(|_| PackError::Version.to_string()))
            .map_err(|why| RequestError::NotConfigured {
                detail: format!("the agent's knowledge in the site pack cannot be used: {why}"),
            })
    }

    /// The [collection](crate::collect) of a widget's agent, if it has one that can be read.
    pub fn collection_of(&self, widget: &str) -> Option<&[u8]> {
        let BackendSettings::Agent(agent) = self.widget(widget).ok()?.backend else {
            return None;
        };
        self.collection(agent.knowledge?.collection).ok()
    }

    fn collection(&self, number: u32) -> Result<&[u8], String> {
        let opened = self.opened()?;
        let known = opened.knowledge.get(number as usize);
        let Collection { section, bytes } = known.ok_or_else(|| PackError::Damaged.to_string())?;
        let bytes = bytes.get_or_init(|| {
            let bytes = opened.pack.read(*section);
            bytes.map_err(|err| err.to_string())
        });
        bytes.as_deref().map_err(Clone::clone)
    }

    /// The first line, or its error, written for the site's owner.
    pub(crate) fn settings(&self) -> Result<SiteSettings, String> {
        let bytes = &self.opened()?.settings;
        serde_json::from_slice(&bytes[..line_end(bytes, 0)])
            .map_err(|err| broken("the first line", &err))
    }

    /// The widget with this name. Parses only its own line.
    pub(crate) fn widget(&self, name: &str) -> Result<WidgetSettings, RequestError> {
        let opened = self.opened();
        let bytes = &opened
            .map_err(|detail| RequestError::NotConfigured { detail })?
            .settings;
        let json = find(bytes, name.as_bytes()).ok_or(RequestError::UnknownWidget)?;
        serde_json::from_slice(json).map_err(|err| RequestError::NotConfigured {
            detail: broken("the widget's line", &err),
        })
    }

    /// All widgets, with their names, in order.
    pub(crate) fn widgets(&self) -> Result<Vec<(String, WidgetSettings)>, String> {
        let text = String::from_utf8_lossy(&self.opened()?.settings);
        let lines = text.lines().skip(1).filter_map(|line| line.split_once(' '));
        let widgets = lines.map(|(name, json)| {
            let widget = serde_json::from_str(json);
            let widget = widget.map_err(|err| broken("a widget's line", &err))?;
            Ok((name.to_owned(), widget))
        });
        widgets.collect()
    }
}

/// Binary search for the line with this name, after the first line.
fn find<'a>(bytes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
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

/// The end of the line that contains `from`, without its line break.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes[from..].iter().position(|byte| *byte == b'\n');
    rest.map_or(bytes.len(), |at| from + at)
}

fn broken(what: &str, err: &serde_json::Error) -> String {
    format!(
        "failed to read {what} of the site pack: {err}; build it with the same version of chatkit-embed as this program"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site_settings() -> SiteSettings {
        SiteSettings {
            url: "https://chat.example.com".to_owned(),
            allowed_origins: vec!["https://*.example.com".to_owned()],
            origins_of_widgets: Vec::new(),
            refuse_direct_calls: true,
        }
    }

    fn widget(id: &str) -> WidgetSettings {
        WidgetSettings::of(BackendSettings::Hosted(HostedSettings {
            workflow: Workflow::Id(id.to_owned()),
            ..HostedSettings::default()
        }))
    }

    fn parts(names: impl IntoIterator<Item = String>) -> SiteParts {
        let widgets = names.into_iter().map(|name| (name.clone(), widget(&name)));
        SiteParts {
            settings: site_settings(),
            widgets: widgets.collect(),
            knowledge: Vec::new(),
        }
    }

    /// A site with these settings.
    fn site_of(text: &str) -> Site {
        let mut packer = Packer::new(Vec::new()).unwrap();
        packer.add(Kind::Settings, text.as_bytes()).unwrap();
        Site::from_bytes(packer.finish().unwrap())
    }

    #[test]
    fn what_was_encoded_is_found_again() {
        for count in [0, 1, 2, 3, 7, 1000] {
            let names = (0..count).map(|n| format!("w{n}"));
            let site = Site::from_bytes(parts(names).to_bytes());
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
        let site = site_of(text);
        assert!(site.settings().is_ok());
        assert_eq!(site.widget("b").unwrap(), widget("wf_1"));
        let error = site.widget("a").unwrap_err();
        assert_eq!(error.status_and_code(), (500, "not_configured"));
        assert!(error.detail().contains("the widget's line"));
    }

    #[test]
    fn settings_cut_anywhere_never_panic() {
        let text = parts(["a".to_owned(), "b".to_owned()]).encode();
        let text = String::from_utf8(text).unwrap();
        for length in 0..text.len() {
            let site = site_of(&text[..length]);
            let _ = (
                site.settings(),
                site.widget("a"),
                site.widget("b"),
                site.widgets(),
            );
        }
    }

    #[test]
    fn pack_cut_or_changed_anywhere_is_an_error_with_words() {
        let mut parts = parts(["a".to_owned()]);
        parts.knowledge = vec![crate::collect("en", &[], &[])];
        let bytes = parts.to_bytes();
        let place = KnowledgeSettings::default();
        assert!(Site::from_bytes(bytes.clone()).knowledge(place).is_ok());
        for length in 0..bytes.len() {
            let error = Site::from_bytes(bytes[..length].to_vec()).settings();
            assert!(error.unwrap_err().contains("cannot be used"), "{length}");
        }
        for at in (0..bytes.len() * 8).filter(|at| at / 8 >= MAGIC_LENGTH) {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            let site = Site::from_bytes(changed);
            let whole = site.settings().is_ok() && site.knowledge(place).is_ok();
            assert!(!whole, "bit {at}");
        }
    }

    /// The first bytes of a pack, which are there for whoever finds a cut one.
    const MAGIC_LENGTH: usize = 8;

    #[test]
    fn settings_are_written_as_documented() {
        let support = WidgetSettings {
            backend: BackendSettings::Hosted(HostedSettings {
                history: Some(false),
                ..HostedSettings::default()
            }),
            identity: IdentityRule::Required,
            allowed_origins: Some(vec!["https://a.example".to_owned()]),
            identity_secret_env: Some("A".to_owned()),
        };
        let parts = SiteParts {
            settings: site_settings(),
            widgets: BTreeMap::from([("support".to_owned(), support)]),
            knowledge: Vec::new(),
        };
        let bytes = parts.encode();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            r#"{"url":"https://chat.example.com","allowed_origins":["https://*.example.com"]}
support {"backend":{"type":"hosted","workflow":{"env":"CHATKIT_WORKFLOW_ID"},"history":false},"identity":"required","allowed_origins":["https://a.example"],"identity_secret_env":"A"}
"#
        );
    }

    #[test]
    fn unknown_setting_is_an_error() {
        let text = "{\"url\":\"https://a.example\",\"allowed_origins\":[],\"x\":1}\n\
                    a {\"backend\":{\"type\":\"hosted\",\"workflow\":{\"id\":\"wf\"},\"x\":1}}\n";
        let site = site_of(text);
        assert!(site.settings().unwrap_err().contains("unknown field `x`"));
        let detail = site.widget("a").unwrap_err().detail();
        assert!(detail.contains("unknown field `x`"), "{detail}");
    }
}
