//! Decides who may ask, how often, and as whom: origins, limits, and tokens of visitors and users.

pub(crate) mod answers;
pub(crate) mod identity;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod policy;
pub(crate) mod quota;
pub(crate) mod visitor;
