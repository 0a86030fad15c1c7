//! Accumulators to result columns.

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::types::{
    Date32Type, DurationMicrosecondType, Int8Type, Int16Type, Int32Type, IntervalYearMonthType,
    TimestampMicrosecondType,
};
use arrow_array::types::{Float32Type, Float64Type, Int64Type};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray};

use super::{AggregateCall, Function};
use crate::column::DataType;
use crate::error::{Error, Result};
use crate::state::{GroupTable, ValueCodec};

/// The results of accumulator number `index` for the groups `rows`, in their order.
pub fn finish(
    table: &GroupTable,
    rows: &[u32],
    index: usize,
    call: &AggregateCall,
    codec: &ValueCodec,
) -> Result<ArrayRef> {
    let slot = table.slot(index);
    let longs = || -> PrimitiveArray<Int64Type> {
        rows.iter()
            .map(|&row| table.flag(row, slot).then(|| table.word(row, slot.word) as i64))
            .collect()
    };
    let doubles = || -> PrimitiveArray<Float64Type> {
        rows.iter()
            .map(|&row| {
                table
                    .flag(row, slot)
                    .then(|| f64::from_bits(table.word(row, slot.word)))
            })
            .collect()
    };
    Ok(match call.function {
        Function::Count | Function::CountIf => {
            let counts = rows.iter().map(|&row| table.word(row, slot.word) as i64);
            Arc::new(PrimitiveArray::<Int64Type>::from_iter_values(counts))
        }
        Function::SumLong { .. } => Arc::new(longs()),
        Function::SumDouble => Arc::new(doubles()),
        Function::AvgDouble => {
            let means = rows.iter().map(|&row| {
                let count = table.word(row, slot.word + 1);
                (count > 0).then(|| f64::from_bits(table.word(row, slot.word)) / count as f64)
            });
            Arc::new(means.collect::<PrimitiveArray<Float64Type>>())
        }
        Function::ExtremeLong { .. } => narrow_longs(&longs(), &call.data_type)?,
        Function::ExtremeDouble { .. } if call.data_type == DataType::Float => {
            Arc::new(doubles().unary::<_, Float32Type>(|v| v as f32))
        }
        Function::ExtremeDouble { .. } => Arc::new(doubles()),
        Function::ExtremeBytes { .. } => {
            let mut values = BinaryViewBuilder::with_capacity(rows.len());
            for &row in rows {
                values.append_option(table.flag(row, slot).then(|| table.heap(row, slot)));
            }
            Arc::new(values.finish())
        }
        Function::Edge { .. } => {
            let encoded = rows
                .iter()
                .map(|&row| table.flag(row, slot).then(|| table.heap(row, slot)));
            codec.decode_all(encoded)?
        }
    })
}

fn narrow_longs(values: &PrimitiveArray<Int64Type>, data_type: &DataType) -> Result<ArrayRef> {
    Ok(match data_type {
        DataType::BigInt => Arc::new(values.clone()),
        DataType::Int => Arc::new(values.unary::<_, Int32Type>(|v| v as i32)),
        DataType::SmallInt => Arc::new(values.unary::<_, Int16Type>(|v| v as i16)),
        DataType::TinyInt => Arc::new(values.unary::<_, Int8Type>(|v| v as i8)),
        DataType::Date => Arc::new(values.unary::<_, Date32Type>(|v| v as i32)),
        DataType::Timestamp => Arc::new(values.unary::<_, TimestampMicrosecondType>(|v| v).with_timezone("UTC")),
        DataType::TimestampNtz => Arc::new(values.unary::<_, TimestampMicrosecondType>(|v| v)),
        DataType::DayTimeInterval => Arc::new(values.unary::<_, DurationMicrosecondType>(|v| v)),
        DataType::YearMonthInterval => Arc::new(values.unary::<_, IntervalYearMonthType>(|v| v as i32)),
        DataType::Boolean => Arc::new(
            values
                .iter()
                .map(|value| value.map(|v| v != 0))
                .collect::<BooleanArray>(),
        ),
        other => return Err(Error::internal(format!("min or max of {other}"))),
    })
}
