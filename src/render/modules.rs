//! Bundles JavaScript modules into one script, and minifies scripts.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, anyhow, bail};
use oxc_allocator::Allocator;
use oxc_ast::ast::{ImportDeclaration, ImportDeclarationSpecifier, ModuleDeclaration, Program};
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_diagnostics::OxcDiagnostic;
use oxc_minifier::{CompressOptions, MangleOptions, Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::{GetSpan, SourceType, Span};

use crate::hint::Hinted;
use crate::theme::Theme;

/// A module with everything that it imports as one minified script, and the paths of the modules in it.
///
/// # Errors
///
/// A module that is missing, is not JavaScript, or imports in an unsupported way.
pub(super) fn bundle(theme: &Theme, entry: &str) -> Result<(String, BTreeSet<String>)> {
    let mut linker = Linker {
        theme,
        seen: BTreeSet::new(),
        text: String::new(),
    };
    linker.add(entry, Exports::Kept)?;
    let script = minified(&linker.text)
        .with_context(|| format!("failed to bundle `{}`", theme.place(entry)))?;
    Ok((script, linker.seen))
}

/// The way a module is used: by other modules only, or imported by a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exports {
    Kept,
    Dropped,
}

/// Joins modules into one, each after those that it imports. Names at their top level must differ.
struct Linker<'a> {
    theme: &'a Theme,
    seen: BTreeSet<String>,
    text: String,
}

impl Linker<'_> {
    fn add(&mut self, path: &str, exports: Exports) -> Result<()> {
        if !self.seen.insert(path.to_owned()) {
            return Ok(());
        }
        let source = self.theme.text(path)?;
        let invalid = || format!("invalid `{}`", self.theme.place(path));
        let allocator = Allocator::default();
        let program = parse(&allocator, source).with_context(invalid)?;
        let mut own = String::with_capacity(source.len());
        let mut imported = Vec::new();
        for statement in &program.body {
            let span = match statement.as_module_declaration() {
                Some(ModuleDeclaration::ImportDeclaration(import)) => {
                    refuse_other_names(import).with_context(invalid)?;
                    imported.push(resolve(path, &import.source.value).with_context(invalid)?);
                    continue;
                }
                Some(module) if exports == Exports::Dropped => {
                    exported(module).with_context(invalid)?
                }
                _ => statement.span(),
            };
            own.push_str(span.source_text(source));
            own.push('\n');
        }
        for path in imported {
            self.add(&path, Exports::Dropped)?;
        }
        self.text.push_str(&own);
        Ok(())
    }
}

/// Refuses renamed imports: all modules become one, so names stay the same.
fn refuse_other_names(import: &ImportDeclaration<'_>) -> Result<()> {
    for specifier in import.specifiers.iter().flatten() {
        match specifier {
            ImportDeclarationSpecifier::ImportSpecifier(named)
                if named.imported.name() == named.local.name => {}
            _ => bail!("import things by their own names: `import {{ thing }} from \"./file.js\"`"),
        }
    }
    Ok(())
}

/// The span of an exported item without the word `export`.
fn exported(module: &ModuleDeclaration<'_>) -> Result<Span> {
    match module {
        ModuleDeclaration::ExportDeclaration(export) => Ok(export.declaration.span()),
        _ => bail!("write `export` before each thing that is exported"),
    }
}

/// The path of the module that the one at `path` imports as `name`.
fn resolve(path: &str, name: &str) -> Result<String> {
    let mut parts: Vec<_> = path.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." if parts.pop().is_some() => {}
            ".." => bail!("`{name}` is outside the theme"),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// An equivalent script in fewer bytes.
fn minified(source: &str) -> Result<String> {
    let allocator = Allocator::default();
    let mut program = parse(&allocator, source)?;
    let checked = SemanticBuilder::new()
        .with_check_syntax_error(true)
        .build(&program);
    if let Some(error) = checked.diagnostics.first() {
        return Err(Hinted::new(
            sentence(error),
            "modules become one script: names at their top level must differ",
        )
        .into());
    }
    let options = MinifierOptions {
        mangle: Some(MangleOptions {
            top_level: Some(true),
            ..MangleOptions::default()
        }),
        mangle_properties: None,
        compress: Some(CompressOptions::smallest()),
    };
    let names = Minifier::new(options)
        .minify(&allocator, &mut program)
        .scoping;
    let options = CodegenOptions {
        minify: true,
        comments: CommentOptions::disabled(),
        ..CodegenOptions::default()
    };
    Ok(Codegen::new()
        .with_options(options)
        .with_scoping(names)
        .build(&program)
        .code)
}

fn parse<'a>(allocator: &'a Allocator, source: &'a str) -> Result<Program<'a>> {
    let parsed = Parser::new(allocator, source, SourceType::mjs()).parse();
    match parsed.diagnostics.first() {
        Some(error) => {
            let offset = error.labels.iter().map(|label| label.offset());
            let before = offset
                .min()
                .and_then(|offset| source.get(..offset as usize));
            let line = 1 + before.unwrap_or_default().matches('\n').count();
            Err(anyhow!("line {line}: {}", sentence(error)))
        }
        None => Ok(parsed.program),
    }
}

fn sentence(error: &OxcDiagnostic) -> String {
    error.message.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_long_names_go_and_what_happens_stays() -> Result<()> {
        let script = minified("/** One. */\nconst text = `a\n b`; // no\nshow(text, text);\n")?;
        assert!(script.len() < 40 && script.contains("`a\n b`"), "{script}");
        Ok(())
    }

    #[test]
    fn imports_are_found_beside_and_above() -> Result<()> {
        assert_eq!(resolve("static/js/a.js", "./b.js")?, "static/js/b.js");
        assert_eq!(
            resolve("static/js/a.js", "../../loader/c.js")?,
            "loader/c.js"
        );
        assert!(resolve("a.js", "../b.js").is_err());
        Ok(())
    }

    #[test]
    fn what_can_not_become_one_script_is_an_error() {
        for source in ["const a = 1; const a = 2;", "const a ="] {
            assert!(minified(source).is_err(), "{source}");
        }
    }
}
