//! Texts damaged at random.

/// One change of a text: where, as a part of its length; how much goes; what comes.
pub type Change = (f64, usize, usize);

/// `text` after these changes: a piece of `pieces`, or of the text itself where there is none in that place.
pub fn changed(text: &str, pieces: &[&str], changes: &[Change]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for &(at, gone, piece) in changes {
        let at = (at * letters.len() as f64) as usize;
        let end = (at + gone).min(letters.len());
        // The pieces, then pieces of the text itself.
        let piece: Vec<char> = match pieces.get(piece) {
            Some(piece) => piece.chars().collect(),
            None => {
                let from = piece * 7919 % letters.len().max(1);
                letters[from..(from + 30).min(letters.len())].to_vec()
            }
        };
        letters.splice(at..end, piece);
    }
    letters.into_iter().collect()
}
