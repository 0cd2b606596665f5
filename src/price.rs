//! What models cost, for estimates: OpenAI's list prices of November 2026, from
//! <https://developers.openai.com/api/docs/models>. Models that are not here have an unknown price.

use session::TokenPrice;

/// Dollars for one call of a search of the web, the dearest of OpenAI's own tools.
pub(crate) const SEARCH: f64 = 0.01;

const PRICES: [(&str, TokenPrice); 4] = [
    ("gpt-6-luna", price(100, 10, 500)),
    ("gpt-6.1-terra", price(1000, 50, 5000)),
    ("gpt-6.2-sol", price(2000, 2000, 10_000)),
    ("gpt-6.2-astra", price(8000, 8000, 40_000)),
];

const fn price(input: u32, cached: u32, output: u32) -> TokenPrice {
    TokenPrice {
        input,
        cached,
        output,
    }
}

/// The price of a model, if it is known.
pub(crate) fn of(model: &str) -> Option<TokenPrice> {
    let found = PRICES.iter().find(|(name, _)| *name == model);
    found.map(|(_, price)| *price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_input_costs_less() {
        let luna = of("gpt-6-luna").unwrap();
        assert!((luna.of(1_000_000, 0, 1_000_000) - 0.60).abs() < 1e-9);
        assert!((luna.of(1_000_000, 1_000_000, 0) - 0.01).abs() < 1e-9);
        assert_eq!(of("gpt-4.1"), None);
    }
}
