//! The command as a person runs it: a folder, arguments, what is printed and what is written.

mod agencies;
mod architecture;
mod beside;
mod build;
mod check;
mod copies;
mod deployed;
mod diff;
mod doctor;
mod errors;
mod exports;
mod fake_site;
mod fixtures;
mod habits;
mod import;
mod init;
mod knowledge;
mod live;
mod new;
mod programs;
mod project;
mod pull;
mod remembered;
mod safe;
mod theme;
mod watch;
