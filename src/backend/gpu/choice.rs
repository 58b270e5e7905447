//! Chooses among the adapters of this machine.
//!
//! Vulkan shows every card to every process, so a process has to choose. It takes what `--device`
//! names. Otherwise it prefers hardware, then the closest class of bits, then the fastest type. It
//! leaves out cards that `CUDA_VISIBLE_DEVICES` hides. The tasks that Slurm starts on a machine share
//! equal cards by their number, `SLURM_LOCALID`.

use std::env;

use crate::backend::DeviceClass;

/// What the choice knows of an adapter before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) name: String,
    /// Driver and its version.
    pub(super) driver: String,
    /// The card's place on the bus, as `0000:01:00.0`; empty if the driver does not tell.
    pub(super) pci: String,
    /// The number that NVIDIA's tools give the card, as `GPU-` and hexadecimal digits.
    pub(super) uuid: Option<String>,
    pub(super) is_nvidia: bool,
    /// Its type, the fastest first.
    pub(super) kind: u8,
    pub(super) is_software: bool,
}

/// What the environment says about cards.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    cuda_visible_devices: Option<String>,
    slurm_localid: Option<usize>,
}

impl Environment {
    /// That of this process.
    pub(super) fn read() -> Self {
        let slurm = env::var("SLURM_LOCALID").ok();
        Self {
            cuda_visible_devices: env::var("CUDA_VISIBLE_DEVICES").ok(),
            slurm_localid: slurm.and_then(|number| number.trim().parse().ok()),
        }
    }
}

/// The less, the better: hardware before software, then by class, then by type.
pub(super) fn rank(card: &Card, class: DeviceClass) -> (bool, DeviceClass, u8) {
    (card.is_software, class, card.kind)
}

/// The adapters to open when `--device` says nothing, the first to be preferred among equals.
pub(super) fn by_default(cards: &[Card], software: bool, environment: &Environment) -> Vec<usize> {
    let hidden = hidden(cards, environment);
    let mut order: Vec<usize> = (0..cards.len())
        .filter(|&k| !hidden[k] && (software || !cards[k].is_software))
        .collect();
    order.sort_by_key(|&k| (cards[k].is_software, cards[k].kind));
    let Some(&first) = order.first() else {
        return order;
    };
    // Cards that equal the first one, each once: it may have several drivers.
    let mut places: Vec<&str> = Vec::new();
    for &k in &order {
        let (card, place) = (&cards[k], cards[k].pci.as_str());
        let equal = card.kind == cards[first].kind && card.name == cards[first].name;
        if equal && !place.is_empty() && !places.contains(&place) {
            places.push(place);
        }
    }
    if let Some(number) = environment.slurm_localid
        && !places.is_empty()
    {
        let own = places[number % places.len()];
        order.sort_by_key(|&k| (cards[k].is_software, cards[k].kind, cards[k].pci != own));
    }
    order
}

/// Which adapters `CUDA_VISIBLE_DEVICES` hides. It counts NVIDIA's cards along the bus, as CUDA does
/// with equal cards, and ends at the first entry that is no card.
fn hidden(cards: &[Card], environment: &Environment) -> Vec<bool> {
    let Some(visible) = &environment.cuda_visible_devices else {
        return vec![false; cards.len()];
    };
    let nvidia = |card: &&Card| card.is_nvidia && !card.is_software;
    let mut places: Vec<&str> = cards
        .iter()
        .filter(nvidia)
        .map(|c| c.pci.as_str())
        .collect();
    places.sort_unstable();
    places.dedup();
    let place_of = |entry: &str| match entry.parse::<usize>() {
        Ok(number) => places.get(number).copied(),
        Err(_) => cards.iter().filter(nvidia).find_map(|card| {
            let uuid = card.uuid.as_ref()?;
            (entry.len() > "GPU-".len() && uuid.starts_with(entry)).then_some(card.pci.as_str())
        }),
    };
    let shown: Vec<&str> = visible
        .split(',')
        .map_while(|entry| place_of(entry.trim()))
        .collect();
    let is_hidden = |card: &Card| nvidia(&card) && !shown.contains(&card.pci.as_str());
    cards.iter().map(is_hidden).collect()
}

/// The adapters that `--device` names: by number, by place on the bus, or by words of name and
/// driver, in any case.
pub(super) fn named(cards: &[Card], device: &str) -> Vec<usize> {
    let device = device.trim().to_lowercase();
    if let Ok(number) = device.parse::<usize>()
        && number < cards.len()
    {
        return vec![number];
    }
    let all = 0..cards.len();
    if is_place(&device) {
        let at = |card: &Card| !card.pci.is_empty() && card.pci.to_lowercase().ends_with(&device);
        return all.filter(|&k| at(&cards[k])).collect();
    }
    let mut found: Vec<usize> = all
        .filter(|&k| {
            let text = format!("{} {}", cards[k].name, cards[k].driver).to_lowercase();
            device.split_whitespace().all(|word| text.contains(word))
        })
        .collect();
    found.sort_by_key(|&k| (cards[k].is_software, cards[k].kind));
    found
}

/// Whether the text is a place on the bus, as `01:00.0` or `0000:01:00.0`.
fn is_place(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '.']).collect();
    let is_hex = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_hexdigit());
    text.contains(':') && (2..=4).contains(&parts.len()) && parts.iter().all(is_hex)
}

/// An adapter as errors list it.
pub(super) fn listed(number: usize, card: &Card) -> String {
    let place = match card.pci.as_str() {
        "" => String::new(),
        place => format!(", {place}"),
    };
    format!("{number}: {} ({}{place})", card.name, card.driver)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(name: &str, driver: &str, pci: &str, kind: u8) -> Card {
        Card {
            name: name.into(),
            driver: driver.into(),
            pci: pci.into(),
            uuid: (!pci.is_empty()).then(|| format!("GPU-{}beef", &pci[5..7])),
            is_nvidia: driver.contains("NV"),
            kind,
            is_software: kind == 4,
        }
    }

    /// Two equal cards, one of them through two drivers, a chip of the board, a renderer.
    fn machine() -> Vec<Card> {
        vec![
            card("NVIDIA H200", "NVIDIA 570", "0000:01:00.0", 0),
            card("NVIDIA H200", "NVIDIA 570", "0000:c1:00.0", 0),
            card("NVIDIA H200 (NVK)", "NVK 25", "0000:01:00.0", 0),
            card("AMD Radeon", "RADV 25", "0000:05:00.0", 2),
            card("llvmpipe", "Mesa 22", "", 4),
        ]
    }

    fn with(cuda: Option<&str>, slurm: Option<usize>) -> Environment {
        Environment {
            cuda_visible_devices: cuda.map(String::from),
            slurm_localid: slurm,
        }
    }

    #[test]
    fn a_number_a_place_and_words_name_a_device() {
        let cards = machine();
        for (device, expected) in [
            ("0", &[0][..]),
            ("1", &[1]),
            ("c1:00.0", &[1]),
            ("0000:C1:00.0", &[1]),
            ("01:00.0", &[0, 2]),
            ("h200", &[0, 1, 2]),
            ("H200 nvk", &[2]),
            ("570", &[0, 1]),
            ("radv", &[3]),
            ("llvmpipe", &[4]),
            ("02:00.0", &[]),
            ("h100", &[]),
            // No fifth adapter, and no name with a 5 alone; no place, though it has a colon.
            ("25", &[2, 3]),
            ("pci:slot", &[]),
        ] {
            assert_eq!(named(&cards, device), expected, "{device}");
        }
    }

    #[test]
    fn the_closest_class_comes_first_then_the_fastest_type_and_software_last() {
        let cards = machine();
        let mut ranks = [
            rank(&cards[4], DeviceClass::Exact),
            rank(&cards[0], DeviceClass::Tolerance),
            rank(&cards[3], DeviceClass::Exact),
            rank(&cards[0], DeviceClass::Exact),
        ];
        ranks.sort();
        let expected = [
            (false, DeviceClass::Exact, 0),
            (false, DeviceClass::Exact, 2),
            (false, DeviceClass::Tolerance, 0),
            (true, DeviceClass::Exact, 4),
        ];
        assert_eq!(ranks, expected);
    }

    #[test]
    fn software_is_taken_only_if_it_may_be() {
        let (cards, none) = (machine(), with(None, None));
        assert_eq!(by_default(&cards, true, &none), [0, 1, 2, 3, 4]);
        assert_eq!(by_default(&cards, false, &none), [0, 1, 2, 3]);
        assert_eq!(by_default(&cards[4..], false, &none), [0; 0]);
    }

    #[test]
    fn tasks_on_one_machine_share_its_equal_cards() {
        let cards = machine();
        for (task, first) in [(0, 0), (1, 1), (2, 0), (3, 1)] {
            let order = by_default(&cards, false, &with(None, Some(task)));
            assert_eq!(order[0], first, "task {task}");
            assert_eq!(order.len(), 4);
        }
        // One card left: nothing to share.
        let order = by_default(&cards, false, &with(Some("1"), Some(0)));
        assert_eq!(order, [1, 3]);
    }

    #[test]
    fn hidden_cards_are_not_taken() {
        let cards = machine();
        for (cuda, shown) in [
            ("0", &[0, 2, 3][..]),
            ("1", &[1, 3]),
            ("1,0", &[0, 1, 2, 3]),
            ("0,7,1", &[0, 2, 3]),
            ("", &[3]),
            ("-1", &[3]),
            ("GPU-c1", &[1, 3]),
            ("GPU-ff", &[3]),
            ("MIG-c1", &[3]),
        ] {
            let order = by_default(&cards, false, &with(Some(cuda), None));
            assert_eq!(order, shown, "{cuda:?}");
        }
    }

    #[test]
    fn a_list_tells_equal_cards_apart() {
        let cards = machine();
        let listed: Vec<String> = (0..2).map(|k| listed(k, &cards[k])).collect();
        assert_eq!(listed[0], "0: NVIDIA H200 (NVIDIA 570, 0000:01:00.0)");
        assert_ne!(listed[0][2..], listed[1][2..]);
    }
}
