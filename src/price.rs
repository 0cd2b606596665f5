//! What models cost, for estimates: OpenAI's list prices of November 2026, from
//! <https://developers.openai.com/api/docs/models>. Models that are not here have an unknown price.

/// Dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Price {
    pub(crate) input: f64,
    /// Input that OpenAI has in its cache.
    pub(crate) cached: f64,
    pub(crate) output: f64,
}

/// Dollars for one call of a search of the web, the dearest of OpenAI's own tools.
pub(crate) const SEARCH: f64 = 0.01;

const PRICES: [(&str, Price); 4] = [
    ("gpt-6-luna", price(0.10, 0.01, 0.50)),
    ("gpt-6.1-terra", price(1.0, 0.05, 5.0)),
    ("gpt-6.2-sol", price(2.0, 2.0, 10.0)),
    ("gpt-6.2-astra", price(8.0, 8.0, 40.0)),
];

const fn price(input: f64, cached: f64, output: f64) -> Price {
    Price {
        input,
        cached,
        output,
    }
}

/// The price of a model, if it is known.
pub(crate) fn of(model: &str) -> Option<Price> {
    let found = PRICES.iter().find(|(name, _)| *name == model);
    found.map(|(_, price)| *price)
}

impl Price {
    /// Dollars for these tokens; `cached` is a part of `input`.
    pub(crate) fn for_tokens(self, input: u64, cached: u64, output: u64) -> f64 {
        let cached = cached.min(input);
        let dollars = (input - cached) as f64 * self.input
            + cached as f64 * self.cached
            + output as f64 * self.output;
        dollars / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_input_costs_less() {
        let luna = of("gpt-6-luna").unwrap();
        assert!((luna.for_tokens(1_000_000, 0, 1_000_000) - 0.60).abs() < 1e-9);
        assert!((luna.for_tokens(1_000_000, 1_000_000, 0) - 0.01).abs() < 1e-9);
        assert_eq!(of("gpt-4.1"), None);
    }
}
