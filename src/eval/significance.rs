//! How far a mean can be trusted: bootstrap intervals, and a paired test between two systems. The seed is fixed, so the same
//! values give the same figures.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::measure::mean;

/// Resamples of an interval, and sign flips of a test.
pub const DRAWS: usize = 10_000;
const SEED: u64 = 20_240_601;

/// A 95 % interval of the mean: the 2.5th and 97.5th percentile of the means of [`DRAWS`] resamples with replacement
/// (Efron's percentile bootstrap). `None` of fewer than two values.
pub fn interval(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let mut random = StdRng::seed_from_u64(SEED);
    let mut means: Vec<f64> =
        (0..DRAWS).map(|_| (0..values.len()).map(|_| values[random.random_range(0..values.len())]).sum::<f64>() / values.len() as f64).collect();
    means.sort_by(f64::total_cmp);
    Some((means[DRAWS / 40], means[DRAWS - DRAWS / 40 - 1]))
}

/// What comparing two systems on the same queries gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// Mean of ours minus mean of the other.
    pub difference: f64,
    /// Queries where ours is better, equal, worse.
    pub wins: usize,
    pub ties: usize,
    pub losses: usize,
    /// Two-sided p-value of Fisher's randomization test: the share of [`DRAWS`] random sign flips of the differences whose
    /// mean is as far from 0 as the one seen, counting the seen one.
    pub p_value: f64,
}

/// Compares two systems, query by query.
pub fn paired(ours: &[f64], other: &[f64]) -> Paired {
    let differences: Vec<f64> = ours.iter().zip(other).map(|(a, b)| a - b).collect();
    let seen: f64 = differences.iter().sum();
    let mut random = StdRng::seed_from_u64(SEED);
    let as_far = |flipped: f64| flipped.abs() >= seen.abs() - 1e-12;
    let extreme = (0..DRAWS).filter(|_| as_far(differences.iter().map(|d| if random.random::<bool>() { *d } else { -d }).sum())).count();
    Paired {
        difference: mean(&differences),
        wins: differences.iter().filter(|d| **d > 1e-9).count(),
        ties: differences.iter().filter(|d| d.abs() <= 1e-9).count(),
        losses: differences.iter().filter(|d| **d < -1e-9).count(),
        p_value: (extreme + 1) as f64 / (DRAWS + 1) as f64,
    }
}
