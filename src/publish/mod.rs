//! Publishing from the studio: a build hook of the host, or a commit that the host builds.

pub(crate) mod git;
pub(crate) mod hook;
