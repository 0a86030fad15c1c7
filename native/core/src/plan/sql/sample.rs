//! TABLESAMPLE: a share of the rows, or so many of them.

use sqlparser::ast::{Expr, TableSample, TableSampleKind, TableSampleQuantity, TableSampleUnit, Value};

use super::super::Relation;
use super::unsupported;
use crate::error::Result;

/// What is kept of a table. Without REPEATABLE the rows are those of seed 0, so that a query gives the same rows again.
pub(super) fn sampled(input: Relation, sample: Option<&TableSampleKind>) -> Result<Relation> {
    let sample = match sample {
        None => return Ok(input),
        Some(TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) => sample,
    };
    let TableSample {
        name: None,
        quantity:
            Some(TableSampleQuantity {
                value: Expr::Value(number),
                unit: Some(unit),
                ..
            }),
        seed,
        bucket: None,
        offset: None,
        ..
    } = sample.as_ref()
    else {
        return Err(unsupported(sample));
    };
    let digits = |value: &Value| match value {
        Value::Number(digits, _) => Ok(digits.clone()),
        _ => Err(unsupported(sample)),
    };
    let quantity = digits(&number.value)?;
    match unit {
        TableSampleUnit::Percent => {
            let percent: f64 = quantity.parse().map_err(|_| unsupported(sample))?;
            let seed = seed.as_ref().map(|seed| digits(&seed.value.value)).transpose()?;
            Ok(Relation::Sample {
                input: Box::new(input),
                fraction: serde_json::json!(percent / 100.0),
                with_replacement: false,
                seed: seed.unwrap_or_else(|| "0".to_string()),
            })
        }
        TableSampleUnit::Rows => {
            let count: i64 = quantity.parse().map_err(|_| unsupported(sample))?;
            Ok(Relation::Limit {
                input: Box::new(input),
                count: serde_json::json!(count),
                offset: 0,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Catalog, parse_query};
    use crate::plan::Relation;

    #[test]
    fn a_sample_is_a_share_or_so_many_rows() {
        let catalog = Catalog::new(&["t".to_string()], &[Relation::OneRow {}], None);
        let text = |sql: &str| format!("{:?}", parse_query(sql, &catalog).unwrap());
        let share = text("SELECT * FROM t TABLESAMPLE (25 PERCENT) REPEATABLE (7) AS u");
        assert!(
            share.contains("fraction: Number(0.25)") && share.contains("seed: \"7\""),
            "{share}"
        );
        let rows = text("SELECT * FROM (SELECT * FROM t) TABLESAMPLE (3 ROWS)");
        assert!(rows.contains("count: Number(3)"), "{rows}");
    }
}
