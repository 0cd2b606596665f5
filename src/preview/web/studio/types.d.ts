// What the studio and the preview's server say to each other, and what the studio's modules share.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Keys from the root of the site, as if it were one file: `["widgets", "support", "launcher", "label"]`. */
export type Path = readonly string[];

/** Without `value`, the key is removed. */
export interface Edit {
  path: Path;
  value?: Json;
}

/** The site as one document, with the widgets that were opened: there may be thousands of others. */
export interface Doc {
  site: JsonObject;
  defaults: JsonObject;
  widgets: { [name: string]: JsonObject };
}

export interface Problem {
  path: string | null;
  message: string;
  help: string | null;
  file: string;
  line: number;
  column: number;
  rendered: string;
}

export interface Widget {
  name: string;
  file?: string;
  backend: "agent" | "hosted" | "server" | null;
  written: JsonObject;
  inherited: JsonObject;
}

/** What new widgets can start with. */
export interface Starters {
  /** The language of the site's pages so far. */
  language: string;
  /** The one to begin with first. */
  templates: {
    name: string;
    about: string;
    /** The usual name of its widget. */
    widget: string;
    /** Its widget by language, with the back end that it has texts for. */
    languages: { [tag: string]: JsonObject };
  }[];
}

export interface Snippet {
  kind: string;
  code: string;
}

/** A variable of a theme, which a site or a widget can set. */
export interface ThemeVariable {
  name: string;
  description: string;
  kind: "color" | "length" | "duration" | "number" | "fonts";
  /** The theme's own. */
  value: Json;
  /** The variable with the colour behind this one. */
  on: string | null;
  /** What it takes from the brand. */
  brand: "color" | "visible-color" | "corner" | "font" | null;
}

export interface Theme {
  name: string;
  description: string;
  variables: ThemeVariable[];
  /** Of its widgets. */
  defaults: Json;
}

/** What decides how a site or a widget looks. */
export interface Look {
  theme: Theme | null;
  brand: JsonObject;
  panel: JsonObject;
  /** The values that are set, its own over those that it inherits. */
  variables: JsonObject;
  /** `theme`, `brand` and the values of `variables` as they are where it sets none itself. */
  inherited: JsonObject;
}

export interface Mode {
  demo: boolean;
  real: boolean;
  why: string | null;
  /** The reason why nobody can change the mode, if nobody can. */
  fixed: string | null;
}

export interface State {
  revision: string;
  config: string;
  site: JsonObject;
  defaults: JsonObject;
  /** The names of all. */
  widgets: string[];
  problems: Problem[];
  schema: JsonObject;
  icons: { name: string; svg: string }[];
  themes: Theme[];
  mode: Mode;
  saving: { allowed: boolean; why: string | null };
  /** Whether visitors see what the files say; null without files. */
  deployed: "unknown" | "not_yet" | "current" | null;
  stage: string;
  own_host_page: string | null;
}

export interface DraftReply {
  ok: boolean;
  problems: Problem[];
  prefix: string;
  /** The one that is shown, and those that the edits are about. */
  widgets: Widget[];
  snippets: { [widget: string]: Snippet[] };
}

export interface DiffLine {
  tag: " " | "+" | "-" | "@";
  text: string;
}

export interface FileDiff {
  path: string;
  diff: DiffLine[];
}

/** What a refused save says when the files have changed. */
export interface Conflict {
  theirs: FileDiff[];
  mine: FileDiff[];
  revision: string;
  merges: boolean;
}

export interface ImportReply {
  edits: Edit[];
  notes: { line: number; message: string }[];
}

/** One line of what is left to do, or of what the deployed site does. */
export interface Finding {
  name: string;
  state: "fine" | "todo" | "wrong" | "not_tried";
  text: string;
}

/** What would be committed, and where it would go. */
export interface Plan {
  files: string[];
  remote: string;
  branch: string;
  /** Titles of commits that are not pushed yet. */
  waiting: string[];
}

export interface GoLiveReply {
  /** The site's own. */
  address: string;
  /** It belongs to nobody. */
  is_example: boolean;
  left: Finding[];
  snippets: Snippet[];
  deployed: State["deployed"];
  /** The build hook, and why it cannot be used. */
  hook: { why: string | null } | null;
  git: Plan | null;
}

/** What a website looks like. What was not found is null. */
export interface WebsiteReply {
  name: string | null;
  language: string | null;
  color: string | null;
  font: string | null;
  /** A file next to `site.yaml`. */
  logo: string | null;
}

export interface LiveReply {
  address: string;
  findings: Finding[];
  deployed: State["deployed"];
}

export interface SessionCall {
  time: number | string;
  widget: string;
  status: number;
  code: string | null;
  ms: number;
  visitor_known: boolean;
  /** Absent for requests of ChatKit to an agent, whose sessions said it already. */
  known_visitor?: boolean;
  /** Of an agent's answer, like what follows. */
  model?: string;
  first_word_ms?: number;
  input_tokens?: number;
  output_tokens?: number;
  /** Calls of tools. */
  tools?: number;
  /** The number of passages that the model had, and the titles of those that the answer cites. */
  passages?: number;
  sources?: string[];
  /** The model said that no passage holds the answer. */
  unanswered?: boolean;
  /** Dollars, if the price is known. */
  cost?: number | null;
}

/** What an agent knows; empty for a widget without one. */
export interface KnowledgeReply {
  /** The rules before its instructions. */
  preamble?: string;
  known?: Known | null;
  /** The best first. */
  found?: Passage[] | null;
}

export interface Known {
  pages: number;
  passages: number;
  tokens: number;
  /** Whether each message brings all of it, and otherwise how many passages. */
  is_whole: boolean;
  most: number;
  /** For a message, if the price is known. */
  dollars: number | null;
  notes: string[];
  more_notes: number;
}

export interface Passage {
  title: string;
  heading: string;
  url: string;
  text: string;
  score: number;
}

/** One value to choose from. */
export interface Option {
  value: string;
  label: string;
  description: string;
}

/** A place in the schema, resolved: what a form needs to know of it. */
export interface SchemaNode {
  kind: "object" | "map" | "free" | "list" | "choice" | "boolean" | "number" | "string" | "union";
  /** Name of the definition that it refers to, if any. */
  def: string | null;
  description: string;
  /** Whole numbers only. */
  integer: boolean;
  min: number | null;
  max: number | null;
  minLength: number | null;
  pattern: string | null;
  examples: string[];
  options: Option[];
  required: string[];
  /** The value that counts when nothing is set, if a control can show it. */
  fallback: Json | undefined;
  /** What counts when nothing is set, in words. Empty if `fallback` says it, or nobody. */
  words: string;
  /** Values of the `type` next to it that it belongs to; null for all. */
  types: string[] | null;
  /** Kinds of back end that it has an effect with; null for all. */
  backends: string[] | null;
  /** Name of a control that is better than the one for its kind. */
  control: string | null;
  /** Of `object`: the key that is meant when the value is no map (`theme: dark` is `theme: {colorScheme: dark}`). */
  shorthand: string | null;
  /** Of `object`. */
  readonly properties: [string, SchemaNode][];
  /** Of `list` and `map`. */
  readonly items: SchemaNode;
  /** Of `union`. */
  readonly variants: { label: string; node: SchemaNode }[];
}

/** A part of the page that follows the model. */
export interface Part {
  element: HTMLElement;
  /** Called after every change. */
  update(): void;
}

/** One setting, as its control sees it. */
export interface Field {
  path: Path;
  node: SchemaNode;
  label: string;
  /** Of the element that the label belongs to. */
  id: string;
  /** What clearing a text sets: nothing, or an empty text where something has to stand. */
  empty: "" | undefined;
  /** What stands here once a text is left empty, if an empty one means nothing. */
  stead?: (() => Json | undefined) | undefined;
  /** Ids of help and error. */
  describedBy: string;
  /** What the file says here. */
  own(): Json | undefined;
  /** What holds if the file says nothing here: of `defaults`, of the theme. */
  inherited(): Json | undefined;
  /** `typing` joins a step with the one before it. Without a value, the key is removed. */
  set(value: Json | undefined, options?: { typing?: boolean }): void;
  /** The setting at a key or index below. */
  child(key: string, node: SchemaNode, label?: string): Field;
  /** The same setting, if its value is of one of several kinds. */
  as(node: SchemaNode): Field;
}

/** The part of a field that holds its value. */
export interface Control extends Part {
  /** Whether it is a group of elements, which a `<label>` can not belong to. */
  group?: boolean;
}

/** What a form knows besides its fields. */
export interface Surroundings {
  icons: State["icons"];
  themes: State["themes"];
  /** How the scope that a path is in looks. */
  look(path: Path): Look;
  /** Puts a logo next to site.yaml, and returns its name; null if nothing can be saved. */
  upload: ((file: File) => Promise<string>) | null;
  /** Makes the part for a field, label and help included; controls use it for what is inside of them. */
  build(field: Field): Part;
  announce(text: string): void;
}
