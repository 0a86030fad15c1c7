//! The order of nested values: arrays element by element, structs field by field; nulls first inside.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_ord::ord::make_comparator;
use arrow_schema::{DataType as ArrowType, SortOptions};

use crate::error::Result;

/// Whether arrow sorts the type itself.
pub fn is_sortable(data_type: &ArrowType) -> bool {
    !matches!(
        data_type,
        ArrowType::Struct(_) | ArrowType::List(_) | ArrowType::Map(..) | ArrowType::Null
    )
}

/// For each value its place in the order of all values; null where the value is.
pub fn ranks(values: &ArrayRef) -> Result<ArrayRef> {
    if values.data_type() == &ArrowType::Null {
        return Ok(Arc::new(UInt32Array::from(vec![None; values.len()])));
    }
    let compare = comparator(values)?;
    let mut order: Vec<usize> = (0..values.len()).filter(|&row| values.is_valid(row)).collect();
    order.sort_by(|&left, &right| compare(left, right));
    let mut ranks: Vec<Option<u32>> = vec![None; values.len()];
    let mut rank = 0;
    for (position, &row) in order.iter().enumerate() {
        if position > 0 && compare(order[position - 1], row) != Ordering::Equal {
            rank += 1;
        }
        ranks[row] = Some(rank);
    }
    Ok(Arc::new(UInt32Array::from(ranks)))
}

type Compare = Box<dyn Fn(usize, usize) -> Ordering>;

/// Compares two rows of a column. Recursion follows the type.
fn comparator(values: &ArrayRef) -> Result<Compare> {
    let nulls = values.logical_nulls();
    let inner: Compare = match values.data_type() {
        ArrowType::Null => Box::new(|_, _| Ordering::Equal),
        ArrowType::Struct(_) => {
            let fields = values
                .as_struct()
                .columns()
                .iter()
                .map(comparator)
                .collect::<Result<Vec<Compare>>>()?;
            Box::new(move |left, right| {
                fields
                    .iter()
                    .map(|field| field(left, right))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            })
        }
        ArrowType::List(_) => {
            let list = values.as_list::<i32>().clone();
            let element = comparator(list.values())?;
            Box::new(move |left, right| {
                let range = |row: usize| list.value_offsets()[row] as usize..list.value_offsets()[row + 1] as usize;
                let (left, right) = (range(left), range(right));
                let lengths = left.len().cmp(&right.len());
                left.zip(right)
                    .map(|(a, b)| element(a, b))
                    .find(|order| order.is_ne())
                    .unwrap_or(lengths)
            })
        }
        _ => {
            let values = super::normalize_zero(values);
            make_comparator(
                &values,
                &values,
                SortOptions {
                    descending: false,
                    nulls_first: true,
                },
            )?
        }
    };
    Ok(match nulls {
        None => inner,
        Some(nulls) => Box::new(move |left, right| match (nulls.is_valid(left), nulls.is_valid(right)) {
            (true, true) => inner(left, right),
            (left, right) => left.cmp(&right),
        }),
    })
}
