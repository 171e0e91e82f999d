//! A disk in memory that remembers what was synced, so that it can also say what a crash would leave.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grounds_core::{DirectoryEntry, Disk, DiskFile, OpenMode};

use super::memory_content::{Content, Unsynced};
use super::memory_crash;

/// Files that live as long as this value and its clones: a workspace of a test, of a request, of a program that keeps nothing.
///
/// It keeps the contract of [`Disk`] and no more: what was not synced is what [`MemoryDisk::after_crash`] takes away. Clones share the
/// files. Holes, such as a preallocated file that was never written, take no memory. Paths are relative to its one root, with or without
/// a leading slash; it has no paths of the operating system.
///
/// # Examples
/// ```
/// use std::path::Path;
/// use std::sync::Arc;
/// use grounds_store::{MemoryDisk, Store, StoreConfig};
///
/// let disk = MemoryDisk::new();
/// let store = Store::create_on(Arc::new(disk.clone()), Path::new("workspace"), StoreConfig::new())?;
/// assert_eq!(store.latest()?.0, 0);
/// # Ok::<(), grounds_store::StoreError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    shared: Arc<Mutex<Files>>,
}

/// A file or a directory, whatever names it has.
pub(super) type NodeId = u64;

/// The root directory.
pub(super) const ROOT: NodeId = 0;

/// Everything on a disk.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) nodes: BTreeMap<NodeId, Node>,
    /// Changes of names that no directory sync has made durable, the oldest first.
    pub(super) unsynced_names: Vec<NameChange>,
    next_node: NodeId,
    next_handle: u64,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    File(FileNode),
    Directory(BTreeMap<String, NodeId>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct FileNode {
    pub(super) content: Content,
    /// What was written since the last sync, the oldest first.
    pub(super) unsynced: Vec<Unsynced>,
    /// The handle that has the lock.
    locked_by: Option<u64>,
    handle_count: usize,
}

/// Names that change together, or not at all.
#[derive(Clone, Debug)]
pub(super) struct NameChange {
    pub(super) names: Vec<NameSet>,
}

/// One name: what it led to before and leads to now.
#[derive(Clone, Debug)]
pub(super) struct NameSet {
    pub(super) directory: NodeId,
    pub(super) name: String,
    pub(super) before: Option<NodeId>,
    pub(super) after: Option<NodeId>,
}

impl Default for Files {
    fn default() -> Self {
        let nodes = BTreeMap::from([(ROOT, Node::Directory(BTreeMap::new()))]);
        Self { nodes, unsynced_names: Vec::new(), next_node: ROOT + 1, next_handle: 0 }
    }
}

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk of its own with the same files and the same knowledge of what is synced. No file of it is locked.
    ///
    /// Costs memory only for what is changed afterwards.
    pub fn duplicate(&self) -> MemoryDisk {
        let mut files = self.files().clone();
        files.forget_handles();
        MemoryDisk { shared: Arc::new(Mutex::new(files)) }
    }

    /// A disk of its own with what a crash at this moment might leave; the same `seed` leaves the same.
    ///
    /// What was synced is there. Of the rest, seed 0 leaves nothing and seed 1 everything. Any other leaves each write whole, torn (some of
    /// its sectors of 512 bytes, or the bytes before or after some point), as a length without its bytes, or not at all, and each change of
    /// a name or not, whatever the order in which they were made.
    pub fn after_crash(&self, seed: u64) -> MemoryDisk {
        let mut files = self.files().clone();
        files.forget_handles();
        memory_crash::crash(&mut files, seed);
        files.remove_unreachable();
        MemoryDisk { shared: Arc::new(Mutex::new(files)) }
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn directory(&self, id: NodeId) -> io::Result<&BTreeMap<String, NodeId>> {
        match self.nodes.get(&id) {
            Some(Node::Directory(names)) => Ok(names),
            Some(Node::File(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn file(&mut self, id: NodeId) -> io::Result<&mut FileNode> {
        match self.nodes.get_mut(&id) {
            Some(Node::File(file)) => Ok(file),
            Some(Node::Directory(_)) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn child(&self, directory: NodeId, name: &str) -> io::Result<Option<NodeId>> {
        Ok(self.directory(directory)?.get(name).copied())
    }

    fn find(&self, path: &Path) -> io::Result<NodeId> {
        let mut node = ROOT;
        for name in names_of(path) {
            node = self.child(node, &name)?.ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(node)
    }

    /// The directory that holds `path`, and its name there.
    fn find_holder(&self, path: &Path) -> io::Result<(NodeId, String)> {
        let mut names = names_of(path);
        let name = names.pop().ok_or(io::ErrorKind::InvalidInput)?;
        let holder: PathBuf = names.iter().collect();
        let holder = self.find(&holder)?;
        self.directory(holder)?;
        Ok((holder, name))
    }

    fn add_node(&mut self, node: Node) -> NodeId {
        let id = self.next_node;
        self.next_node += 1;
        self.nodes.insert(id, node);
        id
    }

    /// Lets names lead elsewhere, all at once.
    fn set_names(&mut self, names: Vec<(NodeId, String, Option<NodeId>)>) -> io::Result<()> {
        let mut change = NameChange { names: Vec::new() };
        for (directory, name, after) in names {
            let before = self.child(directory, &name)?;
            self.set_name(directory, &name, after);
            change.names.push(NameSet { directory, name, before, after });
        }
        self.unsynced_names.push(change);
        Ok(())
    }

    pub(super) fn set_name(&mut self, directory: NodeId, name: &str, to: Option<NodeId>) {
        if let Some(Node::Directory(names)) = self.nodes.get_mut(&directory) {
            match to {
                Some(node) => names.insert(name.to_owned(), node),
                None => names.remove(name),
            };
        }
    }

    fn remove_tree(&mut self, holder: NodeId, name: &str, directory: NodeId) -> io::Result<()> {
        let names: Vec<(String, NodeId)> =
            self.directory(directory)?.iter().map(|(name, node)| (name.clone(), *node)).collect();
        for (name, node) in names {
            match self.nodes.get(&node) {
                Some(Node::Directory(_)) => self.remove_tree(directory, &name, node)?,
                _ => self.set_names(vec![(directory, name, None)])?,
            }
        }
        self.set_names(vec![(holder, name.to_owned(), None)])
    }

    fn forget_handles(&mut self) {
        for node in self.nodes.values_mut() {
            if let Node::File(file) = node {
                (file.locked_by, file.handle_count) = (None, 0);
            }
        }
    }

    /// Frees what no name, past or present, and no handle leads to.
    fn remove_unreachable(&mut self) {
        let mut reached = vec![ROOT];
        let named = self.unsynced_names.iter().flat_map(|change| &change.names);
        reached.extend(named.flat_map(|set| [set.before, set.after]).flatten());
        let mut seen = std::collections::BTreeSet::new();
        while let Some(id) = reached.pop() {
            if seen.insert(id)
                && let Some(Node::Directory(names)) = self.nodes.get(&id)
            {
                reached.extend(names.values());
            }
        }
        self.nodes
            .retain(|id, node| seen.contains(id) || matches!(node, Node::File(FileNode { handle_count: 1.., .. })));
    }
}

/// The names on a path, from the root.
fn names_of(path: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
            Component::ParentDir => drop(names.pop()),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
        }
    }
    names
}

impl Disk for MemoryDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn DiskFile>> {
        let mut files = self.files();
        let (holder, name) = files.find_holder(path)?;
        let node = match (files.child(holder, &name)?, mode) {
            (Some(_), OpenMode::CreateNew) => return Err(io::ErrorKind::AlreadyExists.into()),
            (None, OpenMode::Read | OpenMode::Write) => return Err(io::ErrorKind::NotFound.into()),
            (Some(node), _) => node,
            (None, OpenMode::Create | OpenMode::CreateNew) => {
                let node = files.add_node(Node::File(FileNode::default()));
                files.set_names(vec![(holder, name, Some(node))])?;
                node
            }
        };
        files.file(node)?.handle_count += 1;
        let handle = files.next_handle;
        files.next_handle += 1;
        Ok(Box::new(MemoryFile { disk: self.clone(), node, handle, is_writable: mode != OpenMode::Read }))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        match self.files().find(path) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let files = self.files();
        let names = files.directory(files.find(directory)?)?;
        let entry = |(name, node): (&String, &NodeId)| DirectoryEntry {
            name: name.clone(),
            is_directory: matches!(files.nodes.get(node), Some(Node::Directory(_))),
        };
        Ok(names.iter().map(entry).collect())
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        let mut files = self.files();
        let mut holder = ROOT;
        for name in names_of(directory) {
            holder = match files.child(holder, &name)? {
                Some(node) => node,
                None => {
                    let node = files.add_node(Node::Directory(BTreeMap::new()));
                    files.set_names(vec![(holder, name, Some(node))])?;
                    node
                }
            };
        }
        files.directory(holder).map(|_| ())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = self.files();
        let ((from, old_name), (to, new_name)) = (files.find_holder(from)?, files.find_holder(to)?);
        let node = files.child(from, &old_name)?.ok_or(io::ErrorKind::NotFound)?;
        let replaced = files.child(to, &new_name)?;
        if replaced == Some(node) {
            return Ok(());
        }
        match (files.nodes.get(&node), replaced.and_then(|replaced| files.nodes.get(&replaced))) {
            (Some(Node::Directory(_)), Some(Node::File(_))) => return Err(io::ErrorKind::NotADirectory.into()),
            (Some(Node::File(_)), Some(Node::Directory(_))) => return Err(io::ErrorKind::IsADirectory.into()),
            (_, Some(Node::Directory(names))) if !names.is_empty() => {
                return Err(io::ErrorKind::DirectoryNotEmpty.into());
            }
            _ => {}
        }
        files.set_names(vec![(from, old_name, None), (to, new_name, Some(node))])
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = self.files();
        let node = files.find(from)?;
        files.file(node)?;
        let (holder, name) = files.find_holder(to)?;
        if files.child(holder, &name)?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        files.set_names(vec![(holder, name, Some(node))])
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut files = self.files();
        let (holder, name) = files.find_holder(path)?;
        let node = files.child(holder, &name)?.ok_or(io::ErrorKind::NotFound)?;
        files.file(node)?;
        files.set_names(vec![(holder, name, None)])
    }

    fn remove_directory(&self, directory: &Path) -> io::Result<()> {
        let mut files = self.files();
        let (holder, name) = files.find_holder(directory)?;
        let node = files.child(holder, &name)?.ok_or(io::ErrorKind::NotFound)?;
        files.remove_tree(holder, &name, node)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let mut files = self.files();
        let node = files.find(directory)?;
        files.directory(node)?;
        files.unsynced_names.retain(|change| change.names.iter().all(|set| set.directory != node));
        files.remove_unreachable();
        Ok(())
    }

    fn system_path(&self, _: &Path) -> Option<PathBuf> {
        None
    }
}

/// An open file, which stays readable when its name is gone.
#[derive(Debug)]
struct MemoryFile {
    disk: MemoryDisk,
    node: NodeId,
    handle: u64,
    is_writable: bool,
}

impl MemoryFile {
    fn with<T>(&self, work: impl FnOnce(&mut FileNode) -> io::Result<T>) -> io::Result<T> {
        work(self.disk.files().file(self.node)?)
    }

    fn change(&self, change: impl FnOnce(&mut Content) -> Unsynced) -> io::Result<()> {
        if !self.is_writable {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.with(|file| {
            let unsynced = change(&mut file.content);
            file.unsynced.push(unsynced);
            Ok(())
        })
    }
}

impl DiskFile for MemoryFile {
    fn len(&self) -> io::Result<u64> {
        self.with(|file| Ok(file.content.byte_count()))
    }

    fn set_len(&self, byte_count: u64) -> io::Result<()> {
        self.change(|content| content.set_len(byte_count))
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.with(|file| file.content.read(offset, bytes))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.change(|content| content.write(offset, bytes))
    }

    fn sync(&self) -> io::Result<()> {
        self.with(|file| {
            file.unsynced.clear();
            Ok(())
        })
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.with(|file| Ok(*file.locked_by.get_or_insert(self.handle) == self.handle))
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        let mut files = self.disk.files();
        if let Ok(file) = files.file(self.node) {
            file.handle_count = file.handle_count.saturating_sub(1);
            if file.locked_by == Some(self.handle) {
                file.locked_by = None;
            }
            if file.handle_count == 0 {
                files.remove_unreachable();
            }
        }
    }
}
