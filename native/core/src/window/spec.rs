//! The durations of a window, parsed and checked as Spark does.

use crate::error::{Error, ErrorCode, Result};
use crate::limits::WINDOW_OVERLAP_MAX;
use crate::parse::{Interval, parse_interval};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Windows of one size that start every `slide`, aligned to 1970-01-01T00:00:00Z plus `start`. All in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSpec {
    /// How long a window is.
    pub size_micros: i64,
    /// How far the next window starts; the size for tumbling windows.
    pub slide_micros: i64,
    /// Offset of the starts from the epoch.
    pub start_micros: i64,
}

impl WindowSpec {
    /// Reads `[size, slide?, start?]`. Months have no fixed length and are refused.
    pub fn parse(durations: &[&str], time_sql: &str) -> Result<Self> {
        let size_micros = micros(durations[0])?;
        let slide_micros = durations.get(1).map_or(Ok(size_micros), |text| micros(text))?;
        let start_micros = durations.get(2).map_or(Ok(0), |text| micros(text))?;
        let spec = Self {
            size_micros,
            slide_micros,
            start_micros,
        };
        spec.check(time_sql)?;
        Ok(spec)
    }

    /// Spark's text of the call, durations in microseconds.
    pub fn sql(&self, time_sql: &str) -> String {
        format!(
            "window({time_sql}, {}, {}, {})",
            self.size_micros, self.slide_micros, self.start_micros
        )
    }

    /// Microseconds of a pane: the largest piece that every window is whole pieces of.
    pub fn pane_micros(&self) -> i64 {
        gcd(self.size_micros, self.slide_micros)
    }

    /// Start of the last window that holds `time`.
    pub fn last_start(&self, time: i64) -> i64 {
        time.wrapping_sub((time.wrapping_sub(self.start_micros)).rem_euclid(self.slide_micros))
    }

    /// Starts of the windows that hold `time`, the latest first, which is Spark's order.
    pub fn starts_of(self, time: i64) -> impl Iterator<Item = i64> {
        let last = self.last_start(time);
        let oldest = time.saturating_sub(self.size_micros);
        (0..).map_while(move |step: i64| {
            let start = last.checked_sub(step.checked_mul(self.slide_micros)?)?;
            (start > oldest).then_some(start)
        })
    }

    fn check(&self, time_sql: &str) -> Result<()> {
        let out_of_range = |name: &str, value: i64| {
            Err(Error::new(ErrorCode::DatatypeMismatchValueOutOfRange)
                .with("sqlExpr", format!("\"{}\"", self.sql(time_sql)))
                .with("exprName", format!("`{name}`"))
                .with("valueRange", "(0, 9223372036854775807]")
                .with("currentValue", format!("{value}L")))
        };
        if self.size_micros <= 0 {
            return out_of_range("window_duration", self.size_micros);
        }
        if self.slide_micros <= 0 {
            return out_of_range("slide_duration", self.slide_micros);
        }
        let constraint = |left: (&str, i64), constraint: &str, right: (&str, i64)| {
            Err(Error::new(ErrorCode::DatatypeMismatchParameterConstraintViolation)
                .with("sqlExpr", format!("\"{}\"", self.sql(time_sql)))
                .with("leftExprName", format!("`{}`", left.0))
                .with("leftExprValue", format!("{}L", left.1))
                .with("constraint", constraint)
                .with("rightExprName", format!("`{}`", right.0))
                .with("rightExprValue", format!("{}L", right.1)))
        };
        if self.slide_micros > self.size_micros {
            return constraint(
                ("slide_duration", self.slide_micros),
                "<=",
                ("window_duration", self.size_micros),
            );
        }
        if self
            .start_micros
            .checked_abs()
            .is_none_or(|start| start >= self.slide_micros)
        {
            let magnitude = self.start_micros.saturating_abs();
            return constraint(
                ("abs(start_time)", magnitude),
                "<",
                ("slide_duration", self.slide_micros),
            );
        }
        let overlap = self.size_micros / self.slide_micros;
        if overlap > WINDOW_OVERLAP_MAX {
            return Err(Error::limit(
                "windows of one row (size / slide)",
                overlap,
                WINDOW_OVERLAP_MAX,
            ));
        }
        Ok(())
    }
}

fn micros(text: &str) -> Result<i64> {
    let Interval { months, days, micros } = parse_interval(text)?;
    if months != 0 {
        return Err(Error::new(ErrorCode::LegacyErrorTemp3231).with("interval", text));
    }
    i64::from(days)
        .checked_mul(MICROS_PER_DAY)
        .and_then(|day_micros| day_micros.checked_add(micros))
        .ok_or_else(|| Error::new(ErrorCode::FailedFunctionCall).with("funcName", "`window`"))
}

fn gcd(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::super::PaneAssigner;
    use super::*;
    use proptest::prelude::*;

    /// The obvious way: try every window start near the time.
    fn starts_by_search(spec: WindowSpec, time: i64) -> Vec<i64> {
        let mut starts = Vec::new();
        let first = (time - spec.start_micros) / spec.slide_micros - spec.size_micros / spec.slide_micros - 2;
        for step in first..first + spec.size_micros / spec.slide_micros + 5 {
            let start = step * spec.slide_micros + spec.start_micros;
            if start <= time && time < start + spec.size_micros {
                starts.push(start);
            }
        }
        starts.reverse();
        starts
    }

    proptest! {
        #[test]
        fn starts_are_those_that_a_search_finds(
            slide in 1i64..50, extra in 0i64..200, offset in -49i64..50, time in -5000i64..5000,
        ) {
            let spec = WindowSpec { size_micros: slide + extra, slide_micros: slide, start_micros: offset % slide };
            prop_assert_eq!(spec.starts_of(time).collect::<Vec<_>>(), starts_by_search(spec, time));
        }

        #[test]
        fn rows_of_a_pane_share_their_windows(
            slide in 1i64..50, extra in 0i64..200, offset in -49i64..50, time in -5000i64..5000,
        ) {
            let spec = WindowSpec { size_micros: slide + extra, slide_micros: slide, start_micros: offset % slide };
            let pane = PaneAssigner::new(spec).pane_of(time);
            prop_assert!(pane <= time && time < pane + spec.pane_micros());
            prop_assert_eq!(spec.starts_of(time).collect::<Vec<_>>(), spec.starts_of(pane).collect::<Vec<_>>());
        }
    }

    #[test]
    fn refuses_what_spark_refuses() {
        for durations in [
            &["0 seconds"][..],
            &["5 seconds", "10 seconds"],
            &["10 seconds", "5 seconds", "5 seconds"],
            &["1 month"],
            &["ten"],
        ] {
            assert!(WindowSpec::parse(durations, "ts").is_err(), "{durations:?}");
        }
        assert!(WindowSpec::parse(&["10 seconds", "5 seconds", "-4 seconds"], "ts").is_ok());
    }
}
