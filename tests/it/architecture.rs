//! What `src/lib.rs` says of the whole: floors, circles, and who may do what. Reads the sources.

#![allow(
    clippy::unwrap_used,
    reason = "a source that cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex_lite::Regex;

/// Names of modules from the crate's root, such as `["config", "schema"]`.
type Module = Vec<String>;

/// Modules with their sources, without tests and comments.
fn modules(root: &str) -> BTreeMap<Module, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(&root).unwrap().with_extension("");
            let mut name: Module = below
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            let is_source = path.extension().is_some_and(|end| end == "rs");
            if !is_source || name == ["main"] || name.contains(&"tests".to_owned()) {
                continue;
            }
            name.pop_if(|last| last == "mod" || last == "lib");
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let lines = code.lines().map(|line| line.split("//").next().unwrap());
            let code: String = lines.flat_map(|line| [line, "\n"]).collect();
            found.insert(name, code.replace("pub(in crate::preview)", "pub"));
        }
    }
    found
}

/// The paths of one `use`: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, list)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().to_owned()];
    };
    let Some(list) = list.trim_end().strip_suffix('}') else {
        // The word in a message.
        return Vec::new();
    };
    let mut depth = 0;
    let items = list.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let items = items.filter(|item| !item.trim().is_empty());
    items
        .flat_map(|item| {
            paths(item)
                .into_iter()
                .map(|path| format!("{before}{path}"))
        })
        .collect()
}

/// Which modules each one imports from. What a module only passes on (`pub use`) is the importer's import.
fn imports(all: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let using = Regex::new(r"(?s)(pub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);").unwrap();
    let inline = Regex::new(r"\b(?:crate|super)(?:::\w+)+").unwrap();
    let mut passed_on: BTreeMap<Module, Module> = BTreeMap::new();
    let mut used: BTreeMap<&Module, Vec<Module>> = BTreeMap::new();
    for (module, code) in all {
        let list = used.entry(module).or_default();
        for found in using.captures_iter(code) {
            for path in paths(&found[2]) {
                let Some(path) = absolute(module, &path, all) else {
                    continue;
                };
                if found.get(1).is_some() {
                    let name = path.last().unwrap().clone();
                    passed_on.insert([&module[..], &[name]].concat(), path);
                } else {
                    list.push(path);
                }
            }
        }
        let rest = using.replace_all(code, "");
        let paths = inline.find_iter(&rest);
        list.extend(paths.filter_map(|path| absolute(module, path.as_str(), all)));
    }
    let targets = |module: &Module, paths: &[Module]| {
        let found = paths.iter().filter_map(|path| home(path, all, &passed_on));
        found.filter(|target| target != module).collect()
    };
    let edges = used.into_iter();
    edges
        .map(|(module, paths)| (module.clone(), targets(module, &paths)))
        .collect()
}

/// A path from the crate's root; nothing for those of other crates.
fn absolute(module: &Module, path: &str, all: &BTreeMap<Module, String>) -> Option<Module> {
    let steps: Module = path
        .split("::")
        .map(|step| step.trim().to_owned())
        .collect();
    let below = |base: &[String], steps: &[String]| Some([base, steps].concat());
    match steps[0].as_str() {
        "crate" => below(&[], &steps[1..]),
        "self" => below(module, &steps[1..]),
        "super" => {
            let up = steps.iter().take_while(|step| *step == "super").count();
            below(&module[..module.len() - up], &steps[up..])
        }
        first => {
            let child = [&module[..], &[first.to_owned()]].concat();
            all.contains_key(&child).then(|| below(module, &steps))?
        }
    }
}

/// The module that a path leads to.
fn home(
    path: &[String],
    all: &BTreeMap<Module, String>,
    passed_on: &BTreeMap<Module, Module>,
) -> Option<Module> {
    let module = (0..=path.len())
        .rev()
        .map(|end| path[..end].to_vec())
        .find(|start| all.contains_key(start))?;
    match path
        .get(..=module.len())
        .and_then(|item| passed_on.get(item))
    {
        Some(real) => home(
            &[&real[..], &path[module.len() + 1..]].concat(),
            all,
            passed_on,
        ),
        None => Some(module),
    }
}

/// Modules that import each other, be it through others.
fn circles(edges: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<String> {
    let reaches = |from: &Module| {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(module) = next.pop() {
            for target in &edges[module] {
                if seen.insert(target.clone()) {
                    next.push(target);
                }
            }
        }
        seen
    };
    let circular = edges
        .keys()
        .filter(|module| reaches(module).contains(*module));
    circular.map(|module| module.join("::")).collect()
}

/// Imports that lead from one floor to a higher one.
fn upward(edges: &BTreeMap<Module, BTreeSet<Module>>, floors: &[&str]) -> Vec<String> {
    let floor = |module: &Module| {
        let name = module.first().map_or("lib", String::as_str);
        floors.iter().position(|known| *known == name)
    };
    let all = edges
        .iter()
        .flat_map(|(from, targets)| targets.iter().map(move |to| (from, to)));
    let up = all.filter(|(from, to)| {
        !from.is_empty() && from[0] != "fuzz" && from[0] != to[0] && floor(to) >= floor(from)
    });
    up.map(|(from, to)| format!("{} imports {}", from.join("::"), to.join("::")))
        .collect()
}

/// The floors that a crate's first page names, from the ground up.
fn floors(page: &str) -> Vec<String> {
    let page = page.replace("\n//! ", " ");
    let list = page.split("Floors, from the ground up").nth(1).unwrap();
    let list = list.split('`').nth(1).unwrap();
    list.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn no_file_imports_in_a_circle_or_from_a_higher_floor() {
    for root in ["src", "netlify/functions/session/src"] {
        let page = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(root)
            .join("lib.rs");
        let floors = floors(&std::fs::read_to_string(page).unwrap());
        let floors: Vec<&str> = floors.iter().map(String::as_str).collect();
        let modules = modules(root);
        for module in modules
            .keys()
            .filter(|module| module.len() == 1 && module[0] != "fuzz")
        {
            assert!(
                floors.contains(&module[0].as_str()),
                "`{}` has no floor",
                module[0]
            );
        }
        let edges = imports(&modules);
        assert!(edges.len() > 30 && edges.values().map(BTreeSet::len).sum::<usize>() > 100);
        assert_eq!(circles(&edges), [""; 0]);
        assert_eq!(upward(&edges, &floors), [""; 0]);
    }
}

#[test]
fn a_circle_and_an_import_upwards_are_found() {
    let module = |name: &str| vec![name.to_owned()];
    let files = [
        ("low", "use crate::high::{self, Thing};"),
        (
            "high",
            "pub(crate) use inner::Thing; use crate::low::Other;",
        ),
        ("alone", "fn f() { crate::low::other() }"),
    ];
    let mut all: BTreeMap<Module, String> = files
        .map(|(name, code)| (module(name), code.to_owned()))
        .into();
    all.insert(vec!["high".to_owned(), "inner".to_owned()], String::new());
    let edges = imports(&all);
    assert_eq!(circles(&edges), ["high", "low"]);
    assert_eq!(
        upward(&edges, &["low", "high", "alone"]),
        ["low imports high", "low imports high::inner"]
    );
}

/// Modules, but for these, whose code has one of the words.
fn users_of(all: &BTreeMap<Module, String>, words: &str, but: &[&str]) -> Vec<String> {
    let words = Regex::new(words).unwrap();
    all.iter()
        .filter(|(name, code)| {
            let first = name.first().map_or("lib", String::as_str);
            !but.contains(&first) && words.is_match(code)
        })
        .map(|(name, _)| name.join("::"))
        .collect()
}

#[test]
fn everybody_keeps_to_the_tasks_that_the_first_page_names() {
    let all = modules("src");
    assert_eq!(users_of(&all, r"\be?print(ln)?!", &["console"]), [""; 0]);
    assert_eq!(users_of(&all, r"\bstd::fs\b", &["fs"]), [""; 0]);
    assert_eq!(
        users_of(&all, r"\bconfig::(\{[^}]*\b)?Config\b", &["config", "fuzz"]),
        ["site"]
    );
    let pure = r"\bstd::(fs|process|env|net)\b|\bcrate::(fs|console)\b";
    let pure = users_of(&all, pure, &[]).into_iter();
    let pure = pure.filter(|name| name.starts_with("render") || name.starts_with("site"));
    assert_eq!(pure.collect::<Vec<_>>(), [""; 0]);
    let keys = users_of(
        &all,
        r#""(widgets|backend|launcher|chatkit|defaults)""#,
        &[],
    )
    .into_iter();
    assert!(
        !keys
            .collect::<Vec<_>>()
            .iter()
            .any(|name| name.starts_with("yaml"))
    );
    let function = include_str!("../../netlify/functions/session/Cargo.toml");
    assert!(!function.contains("chatkit-embed"));
}
