//! What an agent's search finds, for `retrieval/compare.py`, and how long it takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use session::{Knowledge, Passage, Query, Settings, Site};

/// The agents, each with the pages of one set.
const SETS: [&str; 3] = ["mastra", "nautobot", "next"];
/// Hits of a question that are compared.
const HITS: usize = 5;
/// Repetitions for the times.
const ROUNDS: usize = 20;

pub(crate) fn run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/bench/retrieval");
    let site = Site::find(&Settings::from_environment());
    let collections: Vec<_> = SETS
        .iter()
        .map(|set| {
            let bytes = site
                .collection_of(set)
                .expect("`SITE_PACK` names the pack of retrieval/site.yaml");
            (*set, Knowledge::open(bytes).unwrap(), bytes.len())
        })
        .collect();
    write_passages(&folder, &collections);
    let questions = fs::read_to_string(folder.join("questions.jsonl")).unwrap();
    let questions: Vec<Value> = questions
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut lines = String::new();
    let mut times = Vec::new();
    for question in &questions {
        let set = question["set"].as_str().unwrap();
        let (_, knowledge, _) = collections.iter().find(|(name, ..)| *name == set).unwrap();
        let text = |name: &str| question[name].as_str().unwrap_or_default();
        let query = Query {
            question: text("question"),
            before: text("before"),
            answer: text("answer_before"),
        };
        let mut hits = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            hits = knowledge.search(&query, session::MOST_PASSAGES);
            times.push(started.elapsed());
        }
        let hits = hits.iter().take(HITS);
        let ids: Vec<_> = hits.map(|hit| format!("{set}-{}", hit.passage)).collect();
        lines += &format!("{}\n", json!({"id": question["id"], "passages": ids}));
    }
    fs::write(folder.join(".tmp/run.jsonl"), lines).unwrap();
    times.sort();
    let at = |part: f64| times[(times.len() as f64 * part) as usize].as_secs_f64() * 1e3;
    println!("search: p50 {:.2} ms, p99 {:.2} ms", at(0.5), at(0.99));
}

/// Writes all passages, and says how large the collections are.
fn write_passages(folder: &Path, collections: &[(&str, Knowledge<'_>, usize)]) {
    let mut lines = String::new();
    for (set, knowledge, length) in collections {
        let (mut texts, mut tokens) = (0, 0);
        for number in 0..knowledge.len() {
            let passage = knowledge.passage(number).unwrap();
            let Passage {
                title,
                heading,
                url,
                text,
                ..
            } = passage;
            texts += text.len();
            tokens += session::tokens(text);
            let headings: Vec<_> = heading
                .split(" › ")
                .filter(|part| !part.is_empty())
                .collect();
            lines += &format!(
                "{}\n",
                json!({
                    "id": format!("{set}-{number}"),
                    "set": set,
                    "page": page_of(&folder.join(".tmp").join(set), url),
                    "title": title,
                    "headings": headings,
                    "text": text,
                })
            );
        }
        println!(
            "{set}: {} passages of {} tokens on average; {:.1} MB of text, {:.2} times that with the index",
            knowledge.len(),
            tokens / knowledge.len() as usize,
            texts as f64 / 1e6,
            *length as f64 / texts as f64,
        );
    }
    fs::write(folder.join(".tmp/passages.jsonl"), lines).unwrap();
}

/// The path of the file that has this address.
fn page_of(folder: &Path, url: &str) -> String {
    let path = url.split_once(".example/").unwrap().1;
    let path = path.split('#').next().unwrap();
    let file = ["", ".md", "index.md", "index.html", "README.md"].map(|end| format!("{path}{end}"));
    let is_file = |file: &&String| PathBuf::from(folder).join(file).is_file();
    file.iter()
        .find(is_file)
        .expect("each page has a file")
        .clone()
}
