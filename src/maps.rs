//! The maps and sets of the crate: the standard ones, with a hash that costs a third of the standard one's. Its seed is
//! another one in each process and map, so that no repository can be written whose names all fall into one place.

use foldhash::fast::RandomState;

pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub(crate) type HashSet<T> = std::collections::HashSet<T, RandomState>;
