//! The site's settings, in its [pack](crate::pack): the JSON of [`SiteSettings`], and for each widget the JSON of
//! [`WidgetSettings`], which is read and parsed when somebody asks for the widget.

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::RequestError;
use crate::knowledge::Knowledge;
use crate::pack::{Pack, PackError, Packer};
use crate::published::{self, FilesError, PackingError, Published};
use crate::settings::{
    CHATKIT_SERVER_SECRET, DEFAULT_DIST_DIR, DIST_DIR, IDENTITY_SECRET, OPENAI_API_KEY, SITE_PACK,
    Settings, WORKFLOW_ID, not_configured,
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

/// Names in a pack: of the site's settings, and the beginnings of those of its widgets and collections.
const SITE: &str = "site";
const WIDGET: &str = "widget/";
const KNOWLEDGE: &str = "knowledge/";

/// All that the function knows of a site.
pub struct SiteParts {
    /// Of the whole site.
    pub settings: SiteSettings,
    /// By name.
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
        packer.add(SITE.to_owned(), &[&json(&self.settings)])?;
        for (name, widget) in &self.widgets {
            packer.add(format!("{WIDGET}{name}"), &[&json(widget)])?;
        }
        for (number, collection) in self.knowledge.iter().enumerate() {
            packer.add(format!("{KNOWLEDGE}{number}"), &[collection])?;
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
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain structs of strings and numbers cannot fail")
}

/// A site whose pack is open, or the reason why it is not, written for the site's owner.
pub struct Site(Result<Opened, String>);

struct Opened {
    pack: Arc<Pack>,
    /// Its description in messages, such as "the site pack".
    name: String,
    /// The collections of the agents, each read when it is first needed.
    knowledge: Vec<OnceLock<Result<Vec<u8>, String>>>,
}

impl Opened {
    fn new(pack: Pack, name: &str) -> Result<Opened, PackError> {
        let count = pack.places(KNOWLEDGE)?.len();
        Ok(Opened {
            pack: Arc::new(pack),
            name: name.to_owned(),
            knowledge: (0..count).map(|_| OnceLock::new()).collect(),
        })
    }

    /// The bytes with this name, or why they cannot be read, written for the site's owner.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.pack
            .get(name)
            .map_err(|err| unusable(&self.name, &err))
    }
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
        site.widgets().ok()?.collect::<Result<_, _>>().ok()
    }

    fn open(pack: Result<Pack, PackError>, name: &str) -> Site {
        let opened = pack.and_then(|pack| Opened::new(pack, name));
        Site(opened.map_err(|err| unusable(name, &err)))
    }

    fn opened(&self) -> Result<&Opened, String> {
        self.0.as_ref().map_err(Clone::clone)
    }

    /// Its pack, if that is open.
    pub(crate) fn pack(&self) -> Option<&Arc<Pack>> {
        self.0.as_ref().ok().map(|opened| &opened.pack)
    }

    /// Reads the whole pack.
    pub(crate) fn verify(&self) -> Result<(), String> {
        let opened = self.opened()?;
        let verified = opened.pack.verify();
        verified.map_err(|err| unusable(&opened.name, &err))
    }

    /// Its files, and where they are, for messages: those of the folder that is named, or those in the site pack, or those
    /// of the default folder. `None` if that is missing.
    pub(crate) fn published(
        &self,
        settings: &Settings,
    ) -> Result<Option<(Published, String)>, FilesError> {
        let of_folder = |path: String| {
            let published = Published::of_folder(Path::new(&path))?;
            Ok(Some((published, path)))
        };
        if let Some(named) = settings.value(DIST_DIR) {
            return of_folder(named);
        }
        let packed = self.pack().map(Published::of_pack).transpose()?;
        match packed.flatten() {
            Some(packed) => Ok(Some((packed, "the site pack".to_owned()))),
            None if Path::new(DEFAULT_DIST_DIR).is_dir() => of_folder(DEFAULT_DIST_DIR.to_owned()),
            None => Ok(None),
        }
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
        let bytes = known
            .ok_or_else(|| PackError::Damaged.to_string())?
            .get_or_init(|| {
                let bytes = opened.pack.get(&format!("{KNOWLEDGE}{number}"));
                let bytes = bytes.and_then(|bytes| bytes.ok_or(PackError::Damaged));
                bytes.map_err(|err| err.to_string())
            });
        bytes.as_deref().map_err(Clone::clone)
    }

    /// The settings of the whole site, or their error, written for the site's owner.
    pub(crate) fn settings(&self) -> Result<SiteSettings, String> {
        let opened = self.opened()?;
        let bytes = opened.get(SITE)?;
        let bytes = bytes.ok_or_else(|| unusable(&opened.name, &PackError::Damaged))?;
        serde_json::from_slice(&bytes).map_err(|err| broken("the site's settings", &err))
    }

    /// The widget with this name.
    pub(crate) fn widget(&self, name: &str) -> Result<WidgetSettings, RequestError> {
        let opened = self.opened().map_err(not_configured)?;
        let json = opened.get(&format!("{WIDGET}{name}"));
        let json = json.map_err(not_configured)?;
        parse(&json.ok_or(RequestError::UnknownWidget)?).map_err(not_configured)
    }

    /// All widgets, with their names, in order.
    pub(crate) fn widgets(
        &self,
    ) -> Result<impl Iterator<Item = Result<(String, WidgetSettings), String>>, String> {
        let opened = self.opened()?;
        let failed = |err| unusable(&opened.name, &err);
        let places = opened.pack.places(WIDGET).map_err(failed)?;
        Ok(places.map(move |place| {
            let (name, json) = opened.pack.at(place).map_err(failed)?;
            Ok((name[WIDGET.len()..].to_owned(), parse(&json)?))
        }))
    }
}

fn parse(widget: &[u8]) -> Result<WidgetSettings, String> {
    serde_json::from_slice(widget).map_err(|err| broken("the widget's settings", &err))
}

fn unusable(name: &str, err: &PackError) -> String {
    format!("{name} cannot be used: {err}")
}

fn broken(what: &str, err: &serde_json::Error) -> String {
    format!(
        "failed to read {what} in the site pack: {err}; build it with the same version of chatkit-embed as this program"
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

    /// A site with this as the settings of its only widget, `a`.
    fn site_of(settings: &str, widget: &str) -> Site {
        let mut packer = Packer::new(Vec::new()).unwrap();
        let mut add = |name: &str, text: &str| packer.add(name.to_owned(), &[text.as_bytes()]);
        add("site", settings).unwrap();
        add("widget/a", widget).unwrap();
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
            for name in [
                "", "a", "w", "w5x", "z", "w1 ", "\0", "\u{ffff}", "/w1", "../site",
            ] {
                assert!(
                    matches!(site.widget(name), Err(RequestError::UnknownWidget)),
                    "{name:?} of {count}"
                );
            }
        }
    }

    #[test]
    fn broken_widget_is_its_own_error_alone() {
        let settings = r#"{"url":"https://a.example","allowed_origins":[]}"#;
        let site = site_of(settings, "{garbage");
        assert!(site.settings().is_ok());
        let error = site.widget("a").unwrap_err();
        assert_eq!(error.status_and_code(), (500, "not_configured"));
        assert!(error.detail().contains("the widget's settings"));
    }

    /// Whatever can be read of a changed pack is right, and something of it cannot be read.
    #[test]
    fn pack_cut_or_changed_anywhere_is_an_error_with_words() {
        let mut parts = parts(["a".to_owned(), "b".to_owned()]);
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
            assert!(site.pack().is_none_or(|pack| pack.verify().is_err()));
            let settings = site.settings();
            assert!(settings.is_err() || settings == Ok(site_settings()));
            for name in ["a", "b"] {
                match site.widget(name) {
                    Ok(found) => assert_eq!(found, widget(name), "bit {at}"),
                    Err(error) => assert_eq!(error.status_and_code().0, 500, "bit {at}"),
                }
            }
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
        let pack = Pack::from_bytes(parts.to_bytes()).unwrap();
        let text = |name: &str| String::from_utf8(pack.get(name).unwrap().unwrap()).unwrap();
        assert_eq!(
            text("site"),
            r#"{"url":"https://chat.example.com","allowed_origins":["https://*.example.com"]}"#
        );
        assert_eq!(
            text("widget/support"),
            r#"{"backend":{"type":"hosted","workflow":{"env":"CHATKIT_WORKFLOW_ID"},"history":false},"identity":"required","allowed_origins":["https://a.example"],"identity_secret_env":"A"}"#
        );
    }

    #[test]
    fn unknown_setting_is_an_error() {
        let site = site_of(
            r#"{"url":"https://a.example","allowed_origins":[],"x":1}"#,
            r#"{"backend":{"type":"hosted","workflow":{"id":"wf"},"x":1}}"#,
        );
        assert!(site.settings().unwrap_err().contains("unknown field `x`"));
        let detail = site.widget("a").unwrap_err().detail();
        assert!(detail.contains("unknown field `x`"), "{detail}");
    }
}
