//! What a title calls the thing: "Laptop Lock" is a lock, "冰箱收纳盒" a 收纳盒.

use std::collections::HashSet;

use crate::text::{self, Atom, AtomKind};

/// Words before which an English title says what the thing is for or has, not what it is.
const PREPOSITIONS: [&str; 13] = ["for", "with", "to", "by", "in", "on", "from", "and", "without", "like", "via", "w", "compatible"];
/// Longest name of a thing, in Han characters and in words.
const LONGEST: (usize, usize) = (6, 3);

/// The names by which a title may call the thing, as phrase keys. A Chinese noun phrase ends with its head, and a run that
/// goes on in letters ("手机APP控制") has none there. An English one ends with it too, before figures, marks, prepositions and
/// trailing `properties` ("Headset Black"), which are stemmed words.
pub fn heads(title: &str, properties: &HashSet<String>) -> Vec<String> {
    let folded = text::fold(title);
    let atoms = text::atoms(&folded);
    let mut heads = han(&atoms);
    let mut clause_is_done = false;
    let mut place = 0;
    while place < atoms.len() {
        let atom = &atoms[place];
        if atom.kind == AtomKind::Stop || atom.kind == AtomKind::Han {
            clause_is_done = false;
        }
        if atom.kind != AtomKind::Word {
            place += 1;
            continue;
        }
        if is_preposition(&folded, atom) {
            clause_is_done = true;
            place += 1;
            continue;
        }
        let run: Vec<&Atom> = atoms[place..].iter().take_while(|a| a.kind == AtomKind::Word && !is_preposition(&folded, a)).collect();
        place += run.len();
        if !clause_is_done {
            let own = run.iter().rposition(|a| !properties.contains(&a.text)).map_or(run.len(), |last| last + 1);
            let words: Vec<&str> = run[..own].iter().map(|a| a.text.as_str()).collect();
            heads.extend((1..=words.len().min(LONGEST.1)).map(|length| words[words.len() - length..].join(" ")));
            // "box of tea" is both.
            for (at, _) in words.iter().enumerate().filter(|(at, word)| **word == "of" && *at > 0) {
                heads.extend((1..=at.min(LONGEST.1)).map(|length| words[at - length..at].join(" ")));
            }
        }
    }
    heads
}

/// All names that the title mentions outside of what it is for or has, as phrase keys: looser than [`heads`].
pub fn mentions(title: &str) -> Vec<String> {
    let folded = text::fold(title);
    let atoms = text::atoms(&folded);
    let mut names = han(&atoms);
    for (place, _) in atoms.iter().enumerate().filter(|(_, atom)| atom.kind == AtomKind::Word) {
        if place > 0 && is_preposition(&folded, &atoms[place - 1]) {
            continue;
        }
        let words: Vec<&str> = atoms[place..].iter().take_while(|a| a.kind == AtomKind::Word).take(LONGEST.1).map(|a| a.text.as_str()).collect();
        names.extend((1..=words.len()).map(|length| words[..length].join(" ")));
    }
    names
}

fn is_preposition(folded: &str, atom: &Atom) -> bool {
    PREPOSITIONS.contains(&&folded[atom.range.clone()])
}

fn han(atoms: &[Atom]) -> Vec<String> {
    let mut heads = Vec::new();
    for (place, atom) in atoms.iter().enumerate().filter(|(_, atom)| atom.kind == AtomKind::Han) {
        let next = atoms.get(place + 1);
        let glued = next.is_some_and(|n| n.range.start == atom.range.end && !matches!(n.kind, AtomKind::Stop | AtomKind::Sign));
        if glued {
            continue;
        }
        let run = atoms[..=place].iter().rev().zip(std::iter::once(atom.range.end).chain(atoms[..=place].iter().rev().map(|a| a.range.start)));
        let run: Vec<&str> =
            run.take_while(|(a, border)| a.kind == AtomKind::Han && a.range.end == *border).map(|(a, _)| a.text.as_str()).take(LONGEST.0).collect();
        heads.extend((1..=run.len()).map(|length| run[..length].iter().rev().copied().collect::<Vec<_>>().join(" ")));
    }
    heads
}
