//! Where requests come from: Netlify's gateway, or a port of this machine.

pub mod lambda;
pub mod web;
