//! The places where the storage syncs: each goes through [`sync_here`], so that a test can leave out one at a time.

use std::io;

/// Syncs. Tests can leave out the place that calls this.
#[track_caller]
pub(super) fn sync_here(sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    #[cfg(test)]
    if tests::is_left_out(std::panic::Location::caller()) {
        return Ok(());
    }
    sync()
}

/// Leaves out one place and sees whether the promises of the storage still hold.
#[cfg(test)]
pub(super) mod tests {
    use std::cell::RefCell;
    use std::panic::Location;
    use std::path::Path;
    use std::{env, fs};

    use crate::storage::{Faults, Simulated, Store};

    thread_local! {
        static LEFT_OUT: RefCell<Option<String>> = const { RefCell::new(None) };
    }

    /// In a process of its own that a test starts: the place to leave out.
    pub const LEFT_OUT_IN_CHILD: &str = "MILLRACE_LEFT_OUT_SYNC";

    pub fn is_left_out(caller: &Location) -> bool {
        LEFT_OUT.with_borrow(|place| {
            place
                .as_ref()
                .is_some_and(|place| format!("{}:{}", caller.file(), caller.line()).ends_with(place))
        })
    }

    /// Runs with a place left out, as `/file.rs:line`; with none, as always.
    pub fn leaving_out<T>(place: Option<&str>, run: impl FnOnce() -> T) -> T {
        LEFT_OUT.set(place.map(str::to_string));
        let outcome = run();
        LEFT_OUT.set(None);
        outcome
    }

    /// Every sync of the room, found in its source.
    fn places() -> Vec<String> {
        let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage");
        let mut places = Vec::new();
        for entry in fs::read_dir(room).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if ["sync_place.rs", "system_calls.rs"].contains(&name) {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
            for (index, line) in code.enumerate().filter(|(_, line)| syncs(line)) {
                let place = format!("/{name}:{}", index + 1);
                assert!(line.contains("sync_here(|| "), "{place} syncs outside of sync_here");
                places.push(place);
            }
        }
        places
    }

    /// Whether a line of code calls what syncs.
    fn syncs(line: &str) -> bool {
        let code = line.split("//").next().unwrap_or_default();
        ["sync(", "sync_all(", "sync_data(", "sync_folder("]
            .iter()
            .any(|call| code.contains(call) && !code.contains(&format!("fn {call}")))
    }

    /// What the storage promises over losses of power, on disks that lie; the first promise that does not hold.
    fn broken_by_loss_of_power() -> Option<String> {
        (0..200).find_map(|seed| {
            let disk = Simulated::new(seed, Faults::default());
            let store = Store::new(Box::new(disk.clone()), "attempt");
            store.write("written/new", &[1; 2000]).unwrap();
            store.write("folder/replaced", &[2; 2000]).unwrap();
            store.write("folder/replaced", &[3; 1000]).unwrap();
            store.write("folder/removed", &[4; 2000]).unwrap();
            store.remove_durably("folder", &["removed".to_string()]).unwrap();
            disk.lose_power();
            let read = |path| store.read(path).unwrap();
            let holds = survives_a_failed_sync(seed)
                && read("written/new") == Some(vec![1; 2000])
                && read("folder/replaced") == Some(vec![3; 1000])
                && read("folder/removed").is_none();
            (!holds).then(|| format!("seed {seed}: files are lost, torn, old or back"))
        })
    }

    /// A file whose last sync failed is there for the next attempt, which builds on it: then it must stay.
    fn survives_a_failed_sync(seed: u64) -> bool {
        let disk = Simulated::new(seed, Faults::default());
        // Made, written in two parts, synced, renamed: what fails is the sync of the folder.
        disk.cut_power_after(Some(5));
        let _ = Store::new(Box::new(disk.clone()), "first").write("folder/file", &[5; 2000]);
        disk.cut_power_after(None);
        let next = Store::new(Box::new(disk.clone()), "next");
        next.sweep("folder").unwrap();
        let seen = next.read("folder/file").unwrap();
        disk.lose_power();
        next.read("folder/file").unwrap() == seen
    }

    fn broken_promise(left_out: Option<&str>) -> Option<String> {
        leaving_out(left_out, broken_by_loss_of_power).or_else(|| system_calls_out_of_order(left_out))
    }

    #[cfg(target_os = "linux")]
    fn system_calls_out_of_order(left_out: Option<&str>) -> Option<String> {
        crate::storage::system_calls::out_of_order(left_out)
    }

    #[cfg(not(target_os = "linux"))]
    fn system_calls_out_of_order(_left_out: Option<&str>) -> Option<String> {
        None
    }

    /// Where system calls can't be traced only the protocol's own syncs are tried; those that the disk makes of them are not.
    fn can_be_noticed(place: &str) -> bool {
        cfg!(target_os = "linux") && crate::storage::system_calls::can_trace() || place.starts_with("/store.rs")
    }

    #[test]
    fn no_sync_can_be_left_out_without_a_broken_promise() {
        assert_eq!(broken_promise(None), None);
        let places = places();
        assert!(places.len() >= 8, "{places:?}");
        let mut missed = Vec::new();
        for place in &places {
            let broken = broken_promise(Some(place));
            println!("without {place}: {}", broken.as_deref().unwrap_or("nothing noticed"));
            if broken.is_none() && can_be_noticed(place) {
                missed.push(place);
            }
        }
        println!("mutate: {} syncs left out, {} not noticed", places.len(), missed.len());
        assert!(missed.is_empty(), "nothing notices without {missed:?}");
    }
}
