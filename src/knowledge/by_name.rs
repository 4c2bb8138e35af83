//! Where each name of a table stands, by a hash that is worked out when the program is compiled: for the tables that
//! are asked about every command of every Dockerfile. FNV-1a, as its authors describe it, in 32 bits.

/// The hash of a name.
pub(crate) const fn hash(name: &str) -> usize {
    let bytes = name.as_bytes();
    let mut hash: u32 = 0x811c_9dc5;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    // The low bits alone would leave out what the high ones know.
    (hash ^ (hash >> 15)) as usize
}

/// The row of that name: the places that its hash leads to are looked at until one is empty, which half of them are.
pub(crate) fn seek<'a, T>(
    rows: &'a [T],
    places: &[u16],
    name: &str,
    key: impl Fn(&T) -> &str,
) -> Option<&'a T> {
    let mask = places.len() - 1;
    let mut at = hash(name) & mask;
    while let Some(row) = usize::from(places[at]).checked_sub(1) {
        if key(&rows[row]) == name {
            return Some(&rows[row]);
        }
        at = (at + 1) & mask;
    }
    None
}

/// `find_by_name!(TABLE, field)`: what finds the row of a static table whose field is a name. No name stands there
/// twice.
macro_rules! find_by_name {
    ($rows:ident, $($field:tt)+) => {{
        const SIZE: usize = ($rows.len() * 2 + 1).next_power_of_two();
        static PLACES: [u16; SIZE] = {
            let mut places = [0; SIZE];
            let mut row = 0;
            while row < $rows.len() {
                let mut at = $crate::knowledge::by_name::hash($rows[row].$($field)+) & (SIZE - 1);
                while places[at] != 0 {
                    at = (at + 1) & (SIZE - 1);
                }
                row += 1;
                places[at] = row as u16;
            }
            places
        };
        |name: &str| $crate::knowledge::by_name::seek($rows, &PLACES, name, |row| row.$($field)+)
    }};
}

pub(crate) use find_by_name;
