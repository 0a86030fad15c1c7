//! The one door to the disk: every durable byte is written and read here.

mod disk;

pub use disk::{read_file, write_file};
