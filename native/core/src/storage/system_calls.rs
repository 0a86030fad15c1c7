//! Nothing is called durable before the kernel was told to make it so: the system calls of the storage, as strace sees
//! them. Where there is no strace there is nothing to see, and the simulated disk alone holds the protocol.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::sync_place::tests::{LEFT_OUT_IN_CHILD, leaving_out};
use super::{Disk, Store};

/// In the traced process: the folder to work in.
const FOLDER: &str = "MILLRACE_TRACED_FOLDER";
/// A look at a file of this name says in the trace that a step has returned.
const STEP_IS_THROUGH: &str = "step-is-through";
const STEPS: usize = 5;

/// Whether there is something to trace with.
pub fn can_trace() -> bool {
    Command::new("strace").arg("-V").output().is_ok()
}

/// The first step that returned before all that it did was durable, where a sync is left out or none; none where there is no
/// strace.
pub fn out_of_order(left_out: Option<&str>) -> Option<String> {
    if !can_trace() {
        eprintln!("no strace: system calls are not looked at");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let traced = Command::new("strace")
        .args(["-f", "-y", "-s", "0", "-e"])
        .arg(
            "trace=write,writev,pwrite64,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,statx",
        )
        .arg("-o")
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "storage::system_calls::steps_of_a_traced_process", "--quiet"])
        .env(FOLDER, folder.path().join("work"))
        .env(LEFT_OUT_IN_CHILD, left_out.unwrap_or_default())
        .output()
        .unwrap();
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    check(&std::fs::read_to_string(&trace).unwrap(), folder.path()).err()
}

/// Does nothing but in the process that [`out_of_order`] starts.
#[test]
fn steps_of_a_traced_process() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let left_out = std::env::var(LEFT_OUT_IN_CHILD).unwrap_or_default();
        let left_out = (!left_out.is_empty()).then_some(left_out.as_str());
        leaving_out(left_out, || take_steps(Path::new(&folder)));
    }
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

/// Goes through what a trace says of files below `folder`. Fails at a step that returned too early.
fn check(trace: &str, folder: &Path) -> Result<(), String> {
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
                if unsynced_bytes.contains(from) {
                    return Err(format!("renamed before its bytes were synced: {line}"));
                }
                unsynced_names.insert(to.parent().unwrap().to_path_buf());
            }
            ("mkdir" | "mkdirat" | "unlink" | "unlinkat", [path]) => {
                unsynced_names.insert(path.parent().unwrap().to_path_buf());
            }
            ("statx", [path]) if path.ends_with(STEP_IS_THROUGH) => {
                steps += 1;
                if !unsynced_bytes.is_empty() || !unsynced_names.is_empty() {
                    return Err(format!(
                        "step {steps} left bytes {unsynced_bytes:?} and names in {unsynced_names:?}"
                    ));
                }
            }
            _ => {}
        }
    }
    assert_eq!(steps, STEPS, "a trace without its steps: {trace}");
    Ok(())
}

/// Paths below `folder` in the arguments of a call: in quotes, or beside a file descriptor in angle brackets.
fn paths_in(arguments: &str, folder: &Path) -> Vec<PathBuf> {
    arguments
        .split(['"', '<', '>'])
        .filter(|part| Path::new(part).starts_with(folder))
        .map(PathBuf::from)
        .collect()
}
