//! Approximate quantiles as Spark keeps them: a summary after Greenwald and Khanna, "Space-efficient Online Computation
//! of Quantile Summaries", with a buffer of values that are not in the summary yet.

use crate::error::{Error, Result};

/// Values that are put into the summary at once.
const HEAD_VALUES: usize = 50_000;
/// Samples from which on a summary is made smaller.
const SAMPLES_MAX: usize = 10_000;

/// A value that was seen, and how its rank is known.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sample {
    value: f64,
    /// Its least rank less that of the sample before.
    gap: i64,
    /// Its greatest rank less its least.
    span: i64,
}

/// A summary of many values that answers for each quantile a value whose rank is off by at most `relative_error`.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileSummary {
    relative_error: f64,
    samples: Vec<Sample>,
    count: i64,
    head: Vec<f64>,
    is_compressed: bool,
}

impl QuantileSummary {
    /// A summary of nothing.
    pub fn new(relative_error: f64) -> Self {
        Self {
            relative_error,
            samples: Vec::new(),
            count: 0,
            head: Vec::new(),
            is_compressed: true,
        }
    }

    /// Adds a value.
    pub fn insert(&mut self, value: f64) {
        self.head.push(value);
        self.is_compressed = false;
        if self.head.len() >= HEAD_VALUES {
            self.absorb_head();
            if self.samples.len() >= SAMPLES_MAX {
                self.compress();
            }
        }
    }

    /// Adds what another summary has seen.
    pub fn merge(&mut self, other: &Self) {
        self.compress();
        let mut other = other.clone();
        other.compress();
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other;
            return;
        }
        let own_extra = (2.0 * other.relative_error * other.count as f64).floor() as i64;
        let other_extra = (2.0 * self.relative_error * self.count as f64).floor() as i64;
        let mut merged = Vec::with_capacity(self.samples.len() + other.samples.len());
        let (mut own, mut foreign) = (0, 0);
        while own < self.samples.len() && foreign < other.samples.len() {
            let (mut sample, extra) = if self.samples[own].value < other.samples[foreign].value {
                own += 1;
                (self.samples[own - 1], if foreign > 0 { own_extra } else { 0 })
            } else {
                foreign += 1;
                (other.samples[foreign - 1], if own > 0 { other_extra } else { 0 })
            };
            sample.span += extra;
            merged.push(sample);
        }
        merged.extend_from_slice(&self.samples[own..]);
        merged.extend_from_slice(&other.samples[foreign..]);
        self.relative_error = self.relative_error.max(other.relative_error);
        self.count += other.count;
        self.samples = compressed(&merged, 2.0 * self.relative_error * self.count as f64);
    }

    /// The value at quantile `quantile`; none where nothing was seen.
    pub fn query(&self, quantile: f64) -> Option<f64> {
        let mut summary = self.clone();
        summary.compress();
        let (first, last) = (summary.samples.first()?, summary.samples.last()?);
        if quantile <= summary.relative_error {
            return Some(first.value);
        }
        if quantile >= 1.0 - summary.relative_error {
            return Some(last.value);
        }
        let rank = (quantile * summary.count as f64).ceil() as i64;
        let widest = summary.samples.iter().map(|sample| sample.span + sample.gap).max()?;
        let allowed = widest / 2;
        let mut least_rank = 0;
        for sample in &summary.samples[..summary.samples.len() - 1] {
            least_rank += sample.gap;
            if least_rank + sample.span - allowed <= rank && rank <= least_rank + allowed {
                return Some(sample.value);
            }
        }
        Some(last.value)
    }

    /// Puts the head into the samples.
    fn absorb_head(&mut self) {
        if self.head.is_empty() {
            return;
        }
        let mut head = std::mem::take(&mut self.head);
        head.sort_by(f64::total_cmp);
        let mut samples = Vec::with_capacity(self.samples.len() + head.len());
        let mut at = 0;
        for (index, &value) in head.iter().enumerate() {
            while at < self.samples.len() && self.samples[at].value <= value {
                samples.push(self.samples[at]);
                at += 1;
            }
            self.count += 1;
            let is_edge = samples.is_empty() || (at == self.samples.len() && index == head.len() - 1);
            let span = if is_edge {
                0
            } else {
                (2.0 * self.relative_error * self.count as f64).floor() as i64
            };
            samples.push(Sample { value, gap: 1, span });
        }
        samples.extend_from_slice(&self.samples[at..]);
        self.samples = samples;
    }

    fn compress(&mut self) {
        if self.is_compressed {
            return;
        }
        self.is_compressed = true;
        self.absorb_head();
        self.samples = compressed(&self.samples, 2.0 * self.relative_error * self.count as f64);
    }

    /// Bytes it holds, about.
    pub(super) fn size(&self) -> usize {
        self.samples.len() * 24 + self.head.len() * 8
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(24 + self.size());
        out.extend_from_slice(&self.relative_error.to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&u64::from(self.is_compressed).to_le_bytes());
        out.extend_from_slice(&(self.samples.len() as u64).to_le_bytes());
        for sample in &self.samples {
            out.extend_from_slice(&sample.value.to_le_bytes());
            out.extend_from_slice(&sample.gap.to_le_bytes());
            out.extend_from_slice(&sample.span.to_le_bytes());
        }
        for value in &self.head {
            out.extend_from_slice(&value.to_le_bytes());
        }
        out
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        let invalid = || Error::internal("a summary of quantiles is cut off");
        let [error, count, compressed, samples, values @ ..] = words else {
            return Err(invalid());
        };
        let samples = usize::try_from(u64::from_le_bytes(*samples)).map_err(|_| invalid())?;
        let sample_words = samples.checked_mul(3).filter(|&count| count <= values.len());
        let (samples, head) = values.split_at(sample_words.filter(|_| rest.is_empty()).ok_or_else(invalid)?);
        Ok(Self {
            relative_error: f64::from_le_bytes(*error),
            count: i64::from_le_bytes(*count),
            samples: samples
                .chunks_exact(3)
                .map(|words| Sample {
                    value: f64::from_le_bytes(words[0]),
                    gap: i64::from_le_bytes(words[1]),
                    span: i64::from_le_bytes(words[2]),
                })
                .collect(),
            head: head.iter().map(|word| f64::from_le_bytes(*word)).collect(),
            is_compressed: u64::from_le_bytes(*compressed) != 0,
        })
    }
}

/// Joins samples while their ranks stay known to `threshold`; the first and the last stay.
fn compressed(samples: &[Sample], threshold: f64) -> Vec<Sample> {
    let (Some(&first), Some(&last)) = (samples.first(), samples.last()) else {
        return Vec::new();
    };
    let mut kept = Vec::new();
    let mut head = last;
    for &sample in samples[..samples.len() - 1].iter().skip(1).rev() {
        if ((sample.gap + head.gap + head.span) as f64) < threshold {
            head.gap += sample.gap;
        } else {
            kept.push(head);
            head = sample;
        }
    }
    kept.push(head);
    if samples.len() > 1 && first.value <= head.value {
        kept.push(first);
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_off_by_no_more_than_the_error() {
        let mut whole = QuantileSummary::new(0.01);
        for part in 0..3 {
            let mut summary = QuantileSummary::new(0.01);
            (0..40_000).for_each(|value| summary.insert(f64::from(value * 7919 % 40_000 * 3 + part)));
            whole.merge(&summary);
        }
        let back = QuantileSummary::from_bytes(&whole.to_bytes()).unwrap();
        assert_eq!(back, whole);
        for quantile in [0.0, 0.1, 0.5, 0.73, 1.0] {
            let rank = back.query(quantile).unwrap();
            assert!(
                (rank - quantile * 120_000.0).abs() <= 2.0 * 0.01 * 120_000.0,
                "{quantile}: {rank}"
            );
        }
    }
}
