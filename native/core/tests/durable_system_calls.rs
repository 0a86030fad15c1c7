//! Nothing is called durable before the kernel was told to make it so: the system calls of the storage, as strace sees
//! them. Where there is no strace there is nothing to see, and the simulated disk alone holds the protocol.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use millrace_core::storage::{Disk, Store};

/// In the traced process: the folder to work in.
const FOLDER: &str = "MILLRACE_TRACED_FOLDER";
/// A look at a file of this name says in the trace that a step has returned.
const STEP_IS_THROUGH: &str = "step-is-through";

#[test]
fn every_step_ends_with_all_that_it_did_made_durable() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return take_steps(Path::new(&folder));
    }
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("no strace: system calls are not looked at");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let status = Command::new("strace")
        .args(["-f", "-y", "-s", "0", "-e"])
        .arg(
            "trace=write,writev,pwrite64,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,statx",
        )
        .arg("-o")
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "every_step_ends_with_all_that_it_did_made_durable",
            "--quiet",
        ])
        .env(FOLDER, folder.path().join("work"))
        .status()
        .unwrap();
    assert!(status.success());
    let steps = check(&std::fs::read_to_string(&trace).unwrap(), folder.path());
    assert_eq!(steps, 5);
}

/// What durable files are made of: new folders, new files, files that are replaced, files that go.
fn take_steps(folder: &Path) {
    let store = Store::new(Box::new(Disk::new(folder.join("a/b"))), "attempt");
    let through = || assert!(!folder.join(STEP_IS_THROUGH).exists());
    store.write("first", b"one").unwrap();
    through();
    store.write("first", b"two").unwrap();
    through();
    store.write("c/d/second", &[7; 100_000]).unwrap();
    through();
    store.write("c/third", b"three").unwrap();
    through();
    store.remove_durably("c/d", &["second".to_string()]).unwrap();
    through();
}

/// Goes through what a trace says of files below `folder`; the number of steps in it. Panics at a step that returned too
/// early.
fn check(trace: &str, folder: &Path) -> usize {
    let (mut unsynced_bytes, mut unsynced_names) = (BTreeSet::new(), BTreeSet::new());
    let mut steps = 0;
    for line in trace.lines() {
        let Some((call, arguments)) = line.split_once(' ').and_then(|(_, call)| call.trim().split_once('(')) else {
            continue;
        };
        let paths = paths_in(arguments, folder);
        match (call, paths.as_slice()) {
            ("write" | "writev" | "pwrite64", [path]) => {
                unsynced_bytes.insert(path.clone());
            }
            ("fsync" | "fdatasync", [path]) => {
                unsynced_bytes.remove(path);
                unsynced_names.remove(path);
            }
            ("rename" | "renameat" | "renameat2", [from, to]) => {
                assert!(
                    !unsynced_bytes.contains(from),
                    "renamed before its bytes were synced: {line}"
                );
                unsynced_names.insert(to.parent().unwrap().to_path_buf());
            }
            ("mkdir" | "mkdirat" | "unlink" | "unlinkat", [path]) => {
                unsynced_names.insert(path.parent().unwrap().to_path_buf());
            }
            ("statx", [path]) if path.ends_with(STEP_IS_THROUGH) => {
                steps += 1;
                assert!(unsynced_bytes.is_empty(), "step {steps} left bytes: {unsynced_bytes:?}");
                assert!(
                    unsynced_names.is_empty(),
                    "step {steps} left names in {unsynced_names:?}"
                );
            }
            _ => {}
        }
    }
    steps
}

/// Paths below `folder` in the arguments of a call: in quotes, or beside a file descriptor in angle brackets.
fn paths_in(arguments: &str, folder: &Path) -> Vec<PathBuf> {
    arguments
        .split(['"', '<', '>'])
        .filter(|part| Path::new(part).starts_with(folder))
        .map(PathBuf::from)
        .collect()
}
