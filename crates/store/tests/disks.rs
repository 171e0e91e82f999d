//! The disks themselves: memory against the operating system, and what a crash takes.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use grounds_core::{Disk, OpenMode};
use grounds_store::{MemoryDisk, SystemDisk};

/// What one call on a disk returned, without what differs between disks.
fn say<T: std::fmt::Debug>(result: std::io::Result<T>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{:?}", error.kind()),
    }
}

fn read_all(disk: &dyn Disk, path: &Path) -> std::io::Result<Vec<u8>> {
    let file = disk.open(path, OpenMode::Read)?;
    let mut bytes = vec![0; usize::try_from(file.len()?).expect("short")];
    file.read_at(0, &mut bytes).map(|()| bytes)
}

/// Does a bit of everything, and writes down what came of it.
fn transcript(disk: &dyn Disk, root: &Path) -> Vec<String> {
    let at = |name: &str| root.join(name);
    let mut said = Vec::new();
    let mut note = |text: String| said.push(text);
    note(say(disk.create_directory(&at("a/b"))));
    note(say(disk.create_directory(&at("a/b"))));
    note(say(disk.open(&at("a/missing"), OpenMode::Read).map(|_| ())));
    note(say(disk.open(&at("nowhere/x"), OpenMode::Create).map(|_| ())));
    let file = disk.open(&at("a/one"), OpenMode::CreateNew).expect("made");
    note(say(disk.open(&at("a/one"), OpenMode::CreateNew).map(|_| ())));
    note(say(disk.open(&at("a/one/x"), OpenMode::Read).map(|_| ())));
    note(say(disk.open(&at("a"), OpenMode::Write).map(|_| ())));
    note(say(file.write_at(5, b"hello")));
    note(say(file.read_at(8, &mut [0; 3])));
    note(say(file.set_len(8)));
    note(say(file.set_len(12)));
    note(say(read_all(disk, &at("a/one"))));
    note(say(file.is_empty()));
    note(say(file.try_lock()));
    let second = disk.open(&at("a/one"), OpenMode::Write).expect("there");
    note(say(second.try_lock()));
    drop(file);
    note(say(second.try_lock()));
    note(say(disk.link(&at("a/one"), &at("a/two"))));
    note(say(disk.link(&at("a/one"), &at("a/two"))));
    note(say(second.write_at(0, b"x")));
    note(say(read_all(disk, &at("a/two"))));
    note(say(disk.remove_file(&at("a/one"))));
    note(say(disk.remove_file(&at("a/one"))));
    note(say(second.len()));
    note(say(disk.rename(&at("a/two"), &at("a/b"))));
    note(say(disk.rename(&at("a/two"), &at("a/b/three"))));
    note(say(disk.rename(&at("a/two"), &at("a/four"))));
    note(say(disk.exists(&at("a/b/three"))));
    note(say(disk.exists(&at("a/b/three/x"))));
    note(say(disk.list(root)));
    note(say(disk.list(&at("a/b"))));
    note(say(disk.rename(&at("a"), &at("c"))));
    note(say(disk.sync_directory(root)));
    note(say(disk.sync_directory(&at("a"))));
    note(say(read_all(disk, &at("c/b/three"))));
    note(say(disk.remove_directory(&at("c"))));
    note(say(disk.list(root)));
    note(say(second.sync()));
    said
}

#[test]
fn memory_does_what_the_operating_system_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let memory = MemoryDisk::new();
    memory.create_directory(Path::new("root")).expect("made");
    assert_eq!(transcript(&memory, Path::new("root")), transcript(&SystemDisk::new(), folder.path()));
}

#[test]
fn a_crash_keeps_what_was_synced_and_may_take_the_rest() {
    let disk = MemoryDisk::new();
    disk.create_directory(Path::new("d")).and_then(|()| disk.sync_directory(Path::new("/"))).expect("made");
    let path = PathBuf::from("d/file");
    let file = disk.open(&path, OpenMode::CreateNew).expect("made");
    file.write_at(0, &[1; 2048]).and_then(|()| file.sync()).expect("written");
    assert!(!disk.after_crash(0).exists(&path).expect("read"), "the name was not synced");
    disk.sync_directory(Path::new("d")).expect("synced");
    file.write_at(1024, &[2; 2048]).expect("written");
    disk.rename(&path, Path::new("d/other")).expect("renamed");

    assert_eq!(read_all(&disk.after_crash(0), &path).expect("there"), vec![1; 2048]);
    let all = disk.after_crash(1);
    assert_eq!(all.open(&path, OpenMode::Read).err().map(|error| error.kind()), Some(ErrorKind::NotFound));
    assert_eq!(read_all(&all, Path::new("d/other")).expect("there").len(), 3072);
    let mut seen = std::collections::BTreeSet::new();
    for seed in 2..200 {
        let survivor = disk.after_crash(seed);
        let there: Vec<_> = [path.as_path(), Path::new("d/other")]
            .into_iter()
            .filter(|path| survivor.exists(path).expect("read"))
            .collect();
        assert_eq!(there.len(), 1, "a renamed file has one of its names");
        let bytes = read_all(&survivor, there[0]).expect("there");
        assert!(bytes[..1024].iter().all(|byte| *byte == 1), "what was synced and not written again is there");
        seen.insert(bytes);
    }
    assert!(seen.len() > 20, "writes survive in many ways: {}", seen.len());
}
