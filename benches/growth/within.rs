//! How large a kind of input may be.

use super::kinds::Kind;

/// No kind is made larger: what does not grow with its size is small anyway.
const MOST: usize = 1 << 26;

/// The largest size with no more than so many bytes, or a little less.
pub(crate) fn within(kind: &Kind, bytes: usize) -> usize {
    let fits = |size: usize| kind.bytes(size) <= bytes;
    let mut size = 1;
    while size < MOST && fits(2 * size) {
        size *= 2;
    }
    let mut step = size / 2;
    for _ in 0..5 {
        if fits(size + step) {
            size += step;
        }
        step /= 2;
    }
    size
}
