//! Finds the name that was probably meant.

/// The known name nearest to `name`, if one is near: at most one edit, and one more for every three
/// letters. Case does not count.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.chars().take(64).collect::<String>().to_lowercase();
    let distance = |known: &&str| strsim::damerau_levenshtein(&name, &known.to_lowercase());
    let near = known.into_iter().min_by_key(distance)?;
    let limit = 1 + near.chars().count() / 3;
    (distance(&near) <= limit).then_some(near)
}
