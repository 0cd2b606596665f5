//! What was needed last, in a limited number.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::lock::lock;

/// Values by name. The one that nobody has kept for longest gives way.
pub(super) struct Recent<T> {
    most: usize,
    kept: Mutex<VecDeque<(String, T)>>,
}

impl<T: Clone> Recent<T> {
    /// Room for `most` values.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            kept: Mutex::default(),
        }
    }

    /// Keeps a value. One of the same name stays as it is, because a name stands for what it names.
    pub(super) fn keep(&self, name: &str, value: impl FnOnce() -> T) {
        let mut kept = lock(&self.kept);
        let known = kept.iter().position(|(known, _)| known == name);
        let entry = known
            .and_then(|at| kept.remove(at))
            .unwrap_or_else(|| (name.to_owned(), value()));
        if kept.len() == self.most {
            kept.pop_front();
        }
        kept.push_back(entry);
    }

    pub(super) fn get(&self, name: &str) -> Option<T> {
        let kept = lock(&self.kept);
        let mut known = kept.iter();
        known
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_longest_ago_gives_way() {
        let recent = Recent::new(2);
        recent.keep("a", || 1);
        recent.keep("b", || 2);
        recent.keep("a", || panic!("it is known"));
        recent.keep("c", || 3);
        let found = ["a", "b", "c"].map(|name| recent.get(name));
        assert_eq!(found, [Some(1), None, Some(3)]);
    }
}
