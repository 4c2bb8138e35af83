//! Things that are made once and shared by whoever asks again.

use std::any::{Any, TypeId};
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use crate::maps::HashMap;

/// Something that threads share.
type Shared = Arc<dyn Any + Send + Sync>;

/// One thing of each type for a key.
#[derive(Debug)]
pub(super) struct Made<K>(RwLock<HashMap<(TypeId, K), Shared>>);

impl<K> Default for Made<K> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Copy + Eq + Hash> Made<K> {
    /// What was made for a key, or is made now.
    pub(super) fn once<T: Any + Send + Sync>(&self, key: K, make: impl FnOnce() -> T) -> Arc<T> {
        let key = (TypeId::of::<T>(), key);
        let made = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = made.get(&key).map(Arc::clone);
        drop(made);
        if let Some(Ok(known)) = known.map(Arc::downcast) {
            return known;
        }
        let new = Arc::new(make());
        let shared: Shared = Arc::clone(&new) as _;
        let mut made = self.0.write().unwrap_or_else(PoisonError::into_inner);
        made.insert(key, shared);
        new
    }

    /// What was made for the keys that are kept.
    pub(super) fn kept(&self, keeps: impl Fn(&K) -> bool) -> Self {
        let made = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = made.iter().filter(|((_, key), _)| keeps(key));
        let kept = kept.map(|(key, made)| (*key, Arc::clone(made)));
        Self(RwLock::new(kept.collect()))
    }
}
