//! Accumulators to result columns.

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::types::{
    Date32Type, DurationMicrosecondType, Int8Type, Int16Type, Int32Type, IntervalYearMonthType, Time64NanosecondType,
    TimestampMicrosecondType,
};
use arrow_array::types::{Float32Type, Float64Type, Int64Type};
use arrow_array::{ArrayRef, BooleanArray, Decimal128Array, ListArray, PrimitiveArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType as ArrowType, Field as ArrowField};

use super::accumulate::MONTHS_SHIFT;
use super::{
    AggregateCall, Function, beside_distinct, collect, distinct, extremes, fold, hyperloglog, moments, ranks, sketches,
    sums,
};
use crate::column::DataType;
use crate::error::{Error, Result};
use crate::state::{GroupTable, Slot, ValueCodec};

/// The results of accumulator number `index` for the groups `rows`, in their order.
pub fn finish(table: &GroupTable, rows: &[u32], index: usize, call: &AggregateCall) -> Result<ArrayRef> {
    let slot = table.slot(index);
    if call.distinct {
        return distinct::finish_rows(table, rows, slot, call);
    }
    if !call.beside.is_empty() {
        return beside_distinct::finish_rows(table, rows, slot, call);
    }
    let longs = || -> PrimitiveArray<Int64Type> {
        rows.iter()
            .map(|&row| table.flag(row, slot).then(|| table.word(row, slot.word) as i64))
            .collect()
    };
    let doubles_by = |value: &dyn Fn(u32) -> Option<f64>| -> PrimitiveArray<Float64Type> {
        rows.iter().map(|&row| value(row)).collect()
    };
    let doubles = || {
        doubles_by(&|row| {
            table
                .flag(row, slot)
                .then(|| f64::from_bits(table.word(row, slot.word)))
        })
    };
    Ok(match &call.function {
        Function::Count | Function::CountIf => {
            let counts = rows.iter().map(|&row| table.word(row, slot.word) as i64);
            Arc::new(PrimitiveArray::<Int64Type>::from_iter_values(counts))
        }
        Function::SumLong { .. } if matches!(call.data_type, DataType::YearMonthInterval(_)) => {
            narrow_longs(&longs().unary(|months| months >> MONTHS_SHIFT), &call.data_type)?
        }
        Function::SumLong { .. } => narrow_longs(&longs(), &call.data_type)?,
        Function::AvgInterval { .. } => narrow_longs(&interval_means(table, rows, slot, call), &call.data_type)?,
        Function::SumDouble | Function::Product => Arc::new(doubles()),
        Function::AvgDouble => Arc::new(doubles_by(&|row| {
            let count = table.word(row, slot.word + 1);
            (count > 0).then(|| f64::from_bits(table.word(row, slot.word)) / count as f64)
        })),
        &Function::SumDecimal {
            mean, scale, raises, ..
        } => {
            let shape = decimal_shape(&call.data_type)?;
            let sums = rows
                .iter()
                .map(|&row| sums::finish_decimal(table, row, slot, mean, scale, shape, raises))
                .collect::<Result<Vec<_>>>()?;
            Arc::new(Decimal128Array::from(sums).with_precision_and_scale(shape.0, shape.1)?)
        }
        Function::ExtremeLong { .. } | Function::Bits(_) => narrow_longs(&longs(), &call.data_type)?,
        Function::ExtremeDouble { .. } if call.data_type == DataType::Float => {
            Arc::new(doubles().unary::<_, Float32Type>(|v| v as f32))
        }
        Function::ExtremeDouble { .. } => Arc::new(doubles()),
        Function::ExtremeDecimal { .. } => {
            let (precision, scale) = decimal_shape(&call.data_type)?;
            let values = rows
                .iter()
                .map(|&row| table.flag(row, slot).then(|| extremes::decimal_of(table, row, slot)));
            Arc::new(Decimal128Array::from_iter(values).with_precision_and_scale(precision, scale)?)
        }
        Function::ExtremeBytes { .. } => {
            let mut values = BinaryViewBuilder::with_capacity(rows.len());
            for &row in rows {
                values.append_option(table.flag(row, slot).then(|| table.heap(row, slot)));
            }
            Arc::new(values.finish())
        }
        &Function::Moments(moment) => Arc::new(doubles_by(&|row| moments::finish_values(table, row, slot, moment))),
        &Function::Pairs(moment) => Arc::new(doubles_by(&|row| moments::finish_pairs(table, row, slot, moment))),
        &Function::ApproxCountDistinct { precision } => {
            let counts = rows.iter().map(|&row| match table.heap(row, slot) {
                [] => 0,
                registers => hyperloglog::estimate(registers, precision),
            });
            Arc::new(PrimitiveArray::<Int64Type>::from_iter_values(counts))
        }
        Function::Mode { .. } => decoded(rows, &call.data_type, |row| ranks::finish_mode(table, row, slot, call))?,
        Function::Histogram { .. } => {
            let results: Vec<_> = rows.iter().map(|&row| sketches::bins_of(table, row, slot)).collect();
            histogram_column(&results, &call.data_type)?
        }
        Function::CountMinSketch(shape) => {
            let empty = shape.empty();
            let sketches = rows.iter().map(|&row| match table.heap(row, slot) {
                [] => empty.as_slice(),
                sketch => sketch,
            });
            Arc::new(arrow_array::BinaryViewArray::from_iter_values(sketches))
        }
        Function::Percentile { .. } | Function::PercentileApprox { .. } => {
            let results = rows
                .iter()
                .map(|&row| ranks::finish_percentiles(table, row, slot, call))
                .collect::<Result<Vec<_>>>()?;
            percentile_column(&results, &call.data_type)?
        }
        Function::ExtremeNested { .. }
        | Function::ExtremeBy { .. }
        | Function::ExtremesBy { .. }
        | Function::Edge { .. }
        | Function::CollectList
        | Function::CollectSet
        | Function::JoinTexts { .. } => {
            decoded(rows, &call.data_type, |row| collect::finish_one(table, row, slot, call))?
        }
        Function::Fold(spec) => {
            let buffer = ValueCodec::new(&spec.buffer.data_type);
            decoded(rows, &call.data_type, |row| fold::finish_one(table, row, slot, &buffer))?
        }
    })
}

/// The column of encoded results.
fn decoded(rows: &[u32], data_type: &DataType, result_of: impl Fn(u32) -> Result<Option<Vec<u8>>>) -> Result<ArrayRef> {
    let mut column = ValueCodec::new(data_type).builder();
    for &row in rows {
        match result_of(row)? {
            Some(bytes) => column.push(&mut bytes.as_slice())?,
            None => column.push_null(),
        }
    }
    column.finish()
}

fn interval_means(table: &GroupTable, rows: &[u32], slot: Slot, call: &AggregateCall) -> PrimitiveArray<Int64Type> {
    let shift = if matches!(call.data_type, DataType::YearMonthInterval(_)) {
        MONTHS_SHIFT
    } else {
        0
    };
    rows.iter()
        .map(|&row| {
            let count = i128::from(table.word(row, slot.word + 1));
            if !table.flag(row, slot) || count == 0 {
                return None;
            }
            let sum = table.word(row, slot.word) as i64 >> shift;
            sums::divide_half_up(i128::from(sum), count, 0).map(|mean| mean as i64)
        })
        .collect()
}

/// Histograms as a column of arrays of `struct<x, y>`: positions of the values' type, weights as doubles.
fn histogram_column(results: &[Option<Vec<(f64, f64)>>], data_type: &DataType) -> Result<ArrayRef> {
    let ArrowType::List(field) = data_type.to_arrow() else {
        return Err(Error::internal("a histogram is a list"));
    };
    let (DataType::Array { element, .. }, ArrowType::Struct(fields)) = (data_type, field.data_type()) else {
        return Err(Error::internal("a histogram is a list of structs"));
    };
    let DataType::Struct(bin) = &**element else {
        return Err(Error::internal("a bin is a struct"));
    };
    let flat: Vec<(f64, f64)> = results.iter().flatten().flatten().copied().collect();
    let positions: Vec<Option<f64>> = flat.iter().map(|(position, _)| Some(*position)).collect();
    let weights = PrimitiveArray::<Float64Type>::from_iter_values(flat.iter().map(|(_, weight)| *weight));
    let positions = percentile_values(&positions, &bin.fields[0].data_type)?;
    let bins = StructArray::try_new(fields.clone(), vec![positions, Arc::new(weights)], None)?;
    let present: Vec<bool> = results.iter().map(Option::is_some).collect();
    Ok(Arc::new(ListArray::try_new(
        Arc::clone(&field),
        OffsetBuffer::from_lengths(results.iter().map(|result| result.as_ref().map_or(0, Vec::len))),
        Arc::new(bins),
        Some(NullBuffer::from(present)),
    )?))
}

/// Percentiles as a column of one value a group, or of a list.
fn percentile_column(results: &[Option<Vec<f64>>], data_type: &DataType) -> Result<ArrayRef> {
    let DataType::Array { element, .. } = data_type else {
        let values: Vec<Option<f64>> = results
            .iter()
            .map(|result| result.as_ref().and_then(|values| values.first().copied()))
            .collect();
        return percentile_values(&values, data_type);
    };
    let flat: Vec<Option<f64>> = results.iter().flatten().flatten().copied().map(Some).collect();
    let lengths = results.iter().map(|result| result.as_ref().map_or(0, Vec::len));
    let present: Vec<bool> = results.iter().map(Option::is_some).collect();
    Ok(Arc::new(ListArray::try_new(
        Arc::new(ArrowField::new("element", element.to_arrow(), true)),
        OffsetBuffer::from_lengths(lengths),
        percentile_values(&flat, element)?,
        Some(NullBuffer::from(present)),
    )?))
}

/// Percentiles, which are doubles, as values of the type that they are percentiles of.
fn percentile_values(values: &[Option<f64>], data_type: &DataType) -> Result<ArrayRef> {
    match data_type {
        DataType::Double => Ok(Arc::new(
            values.iter().copied().collect::<PrimitiveArray<Float64Type>>(),
        )),
        DataType::Float => Ok(Arc::new(
            values
                .iter()
                .map(|value| value.map(|value| value as f32))
                .collect::<PrimitiveArray<Float32Type>>(),
        )),
        DataType::Decimal { precision, scale } => {
            let decimals = values
                .iter()
                .map(|value| value.and_then(|value| double_to_decimal(value, *precision, *scale)));
            Ok(Arc::new(
                Decimal128Array::from_iter(decimals).with_precision_and_scale(*precision, *scale)?,
            ))
        }
        _ => {
            let longs: PrimitiveArray<Int64Type> = values.iter().map(|value| value.map(|value| value as i64)).collect();
            narrow_longs(&longs, data_type)
        }
    }
}

/// The decimal of a double's shortest text, halves away from zero; none where it has too many digits.
fn double_to_decimal(value: f64, precision: u8, scale: i8) -> Option<i128> {
    let scale = usize::try_from(scale).ok()?;
    let text = format!("{}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let kept = fraction.get(..scale).unwrap_or(fraction);
    let unscaled: i128 = format!("{whole}{kept:0<scale$}").parse().ok()?;
    let rounds_up = fraction.as_bytes().get(scale).is_some_and(|&digit| digit >= b'5');
    let unscaled = unscaled + i128::from(rounds_up);
    let unscaled = if value.is_sign_negative() { -unscaled } else { unscaled };
    sums::fits(unscaled, precision).then_some(unscaled)
}

fn decimal_shape(data_type: &DataType) -> Result<(u8, i8)> {
    match data_type {
        DataType::Decimal { precision, scale } => Ok((*precision, *scale)),
        other => Err(Error::internal(format!("a sum of decimals is a {other}"))),
    }
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
        DataType::Time(_) => Arc::new(values.unary::<_, Time64NanosecondType>(|v| v)),
        DataType::DayTimeInterval(_) => Arc::new(values.unary::<_, DurationMicrosecondType>(|v| v)),
        DataType::YearMonthInterval(_) => Arc::new(values.unary::<_, IntervalYearMonthType>(|v| v as i32)),
        DataType::Boolean => Arc::new(
            values
                .iter()
                .map(|value| value.map(|v| v != 0))
                .collect::<BooleanArray>(),
        ),
        other => return Err(Error::internal(format!("min or max of {other}"))),
    })
}
