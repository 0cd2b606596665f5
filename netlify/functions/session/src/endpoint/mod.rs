//! The endpoints of the function, each with its requirements for a request.

mod reply;
mod session;

pub use session::handle;
pub(crate) use session::{Pending, Step, begin, catch, finish, refuse, refuse_for_now};
