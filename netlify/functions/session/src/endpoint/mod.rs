//! The addresses that the function answers, each with what a request to it must look like.

mod reply;
mod session;

pub use session::handle;
pub(crate) use session::{Pending, Step, begin, catch, finish, refuse, refuse_for_now};
