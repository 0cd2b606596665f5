//! Who may ask, how often, and for whom: origins, limits, and the tokens that say who somebody is.

pub(crate) mod identity;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod policy;
pub(crate) mod quota;
pub(crate) mod visitor;
