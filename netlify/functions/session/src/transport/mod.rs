//! The sources of requests: Netlify's gateway, or a port of this machine.

pub mod lambda;
pub mod web;
