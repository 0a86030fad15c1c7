//! Aggregate functions by name: argument types, result types, accumulators. Percentiles and texts are in `bind_ranks`.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};

use super::bind_ranks::{bind_join, bind_mode, bind_percentile, bind_percentile_approx};
use super::bind_sketches::{bind_count_min_sketch, bind_histogram};
use super::fold::{bind_fold, is_fold};
use super::{AggregateCall, BitOperation, Function, Moment, Overflow, PairMoment, hyperloglog, ranks};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Call, Expr, Kind, bind_call};
use crate::plan::coerce::cast_to;
use crate::session::Session;

/// Names of the aggregate functions.
#[rustfmt::skip]
pub const AGGREGATE_NAMES: &[&str] = &[
    "any", "any_value", "approx_count_distinct", "approx_percentile", "array_agg", "avg", "bit_and", "bit_or",
    "bit_xor", "bool_and", "bool_or", "collect_list", "collect_set", "corr", "count", "count_if", "count_min_sketch", "covar_pop",
    "covar_samp", "every", "first", "first_value", "histogram_numeric", "kurtosis", "last", "last_value", "listagg", "max", "max_by", "mean",
    "median", "min", "min_by", "mode", "percentile", "percentile_approx", "percentile_cont", "percentile_disc",
    "product", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx",
    "regr_sxy", "regr_syy", "skewness", "some", "std", "stddev", "stddev_pop", "stddev_samp", "string_agg", "sum",
    "try_avg", "try_sum", "var_pop", "var_samp", "variance",
];

/// Values that max_by() and min_by() may be asked for.
const EXTREMES_MAX: i64 = 100_000;
/// Error of approx_count_distinct() where none is given.
const RELATIVE_SD: f64 = 0.05;

/// An entry of WITHIN GROUP (ORDER BY ...).
#[derive(Clone, Debug)]
pub struct OrderKey {
    /// What is ordered by.
    pub expr: Expr,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
}

/// An aggregate call that waits to be bound: its parts are resolved, not yet coerced.
pub struct AggregateRequest<'a> {
    /// Name, one of [`AGGREGATE_NAMES`], or the program's own.
    pub name: &'a str,
    /// The arguments; none for `count(*)`.
    pub arguments: Vec<Expr>,
    /// Whether DISTINCT stands before them.
    pub distinct: bool,
    /// FILTER (WHERE ...).
    pub filter: Option<Expr>,
    /// What an aggregate of the program was declared with.
    pub options: Option<&'a BTreeMap<String, String>>,
    /// WITHIN GROUP (ORDER BY ...).
    pub order_by: Vec<OrderKey>,
    /// Spark's text of the call.
    pub sql: &'a str,
    /// Spark's text of each argument.
    pub argument_sql: &'a [String],
    /// The configurations.
    pub session: &'a Session,
}

/// A function, its arguments, and the type of its result.
pub(super) struct Bound {
    pub function: Function,
    pub arguments: Vec<Expr>,
    pub data_type: DataType,
    pub nullable: bool,
}

impl Bound {
    pub(super) fn new(function: Function, arguments: Vec<Expr>, data_type: DataType) -> Self {
        Self {
            function,
            arguments,
            data_type,
            nullable: true,
        }
    }

    pub(super) fn never_null(mut self) -> Self {
        self.nullable = false;
        self
    }
}

/// Types an aggregate call. Fails with WRONG_NUM_ARGS or DATATYPE_MISMATCH.
pub fn bind_aggregate(mut request: AggregateRequest<'_>) -> Result<AggregateCall> {
    let (distinct, filter) = (request.distinct, request.filter.take());
    if let Some(filter) = &filter
        && filter.data_type != DataType::Boolean
        && filter.data_type != DataType::Void
    {
        return Err(Error::new(ErrorCode::DatatypeMismatchFilterNotBoolean)
            .with("sqlExpr", format!("\"{}\"", request.sql))
            .with("filter", format!("\"{}\"", request.sql))
            .with("type", filter.data_type.quoted_sql()));
    }
    let filter = match filter {
        Some(filter) => Some(cast_to(filter, &DataType::Boolean, request.session)?),
        None => None,
    };
    let given = if distinct {
        request.arguments.clone()
    } else {
        Vec::new()
    };
    let bound = bind_function(&mut request)?;
    Ok(AggregateCall {
        distinct: distinct && !bound.function.ignores_duplicates() && !bound.arguments.is_empty(),
        given,
        filter,
        beside: Vec::new(),
        sorts_many: false,
        function: bound.function,
        arguments: bound.arguments,
        data_type: bound.data_type,
        nullable: bound.nullable,
    })
}

fn bind_function(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    if let Some(options) = request.options.filter(|options| is_fold(Some(options))) {
        return bind_fold(request, options);
    }
    match request.name {
        "count" => bind_count(request),
        "count_if" => {
            let condition = request.boolean()?;
            Ok(Bound::new(Function::CountIf, vec![condition], DataType::BigInt).never_null())
        }
        "sum" | "try_sum" => bind_sum(request, false),
        "avg" | "mean" | "try_avg" => bind_sum(request, true),
        "product" => {
            let values = request.doubles(1)?;
            Ok(Bound::new(Function::Product, values, DataType::Double))
        }
        "min" | "max" => bind_extreme(request),
        "bool_and" | "every" | "bool_or" | "some" | "any" => {
            let greatest = !matches!(request.name, "bool_and" | "every");
            let condition = request.boolean()?;
            Ok(Bound::new(
                Function::ExtremeLong { greatest },
                vec![condition],
                DataType::Boolean,
            ))
        }
        "bit_and" | "bit_or" | "bit_xor" => bind_bits(request),
        "first" | "first_value" | "any_value" | "last" | "last_value" => bind_edge(request),
        "min_by" | "max_by" => bind_extreme_by(request),
        "collect_list" | "array_agg" | "collect_set" => bind_collect(request),
        "approx_count_distinct" => bind_approx_count_distinct(request),
        "std" | "stddev" | "stddev_samp" => bind_moment(request, Moment::StddevSamp),
        "stddev_pop" => bind_moment(request, Moment::StddevPop),
        "variance" | "var_samp" => bind_moment(request, Moment::VarianceSamp),
        "var_pop" => bind_moment(request, Moment::VariancePop),
        "skewness" => bind_moment(request, Moment::Skewness),
        "kurtosis" => bind_moment(request, Moment::Kurtosis),
        "corr" => bind_pairs(request, PairMoment::Correlation),
        "covar_pop" => bind_pairs(request, PairMoment::CovariancePop),
        "covar_samp" => bind_pairs(request, PairMoment::CovarianceSamp),
        "regr_r2" => bind_pairs(request, PairMoment::R2),
        "regr_slope" => bind_pairs(request, PairMoment::Slope),
        "regr_intercept" => bind_pairs(request, PairMoment::Intercept),
        "regr_sxy" => bind_pairs(request, PairMoment::ProductSum),
        "regr_count" => {
            request.expect(2, 2)?;
            let arguments = std::mem::take(&mut request.arguments);
            Ok(Bound::new(Function::Count, arguments, DataType::BigInt).never_null())
        }
        "regr_avgx" | "regr_avgy" | "regr_sxx" | "regr_syy" => bind_one_of_pair(request),
        "median" | "percentile" | "percentile_cont" | "percentile_disc" => bind_percentile(request),
        "percentile_approx" | "approx_percentile" => bind_percentile_approx(request),
        "histogram_numeric" => bind_histogram(request),
        "count_min_sketch" => bind_count_min_sketch(request),
        "mode" => bind_mode(request),
        "listagg" | "string_agg" => bind_join(request),
        other => Err(Error::internal(format!("there is no aggregate {other}"))),
    }
}

fn bind_count(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    let arguments = std::mem::take(&mut request.arguments);
    // Constants that are never null count every row.
    let counts_all = arguments
        .iter()
        .all(|argument| argument.as_literal().is_some() && !argument.nullable);
    let arguments = if counts_all && !request.distinct {
        Vec::new()
    } else {
        arguments
    };
    Ok(Bound::new(Function::Count, arguments, DataType::BigInt).never_null())
}

/// sum() and avg(): in BIGINT, DOUBLE, a wider decimal, or the interval's type.
fn bind_sum(request: &mut AggregateRequest<'_>, mean: bool) -> Result<Bound> {
    request.expect(1, 1)?;
    let attempt = request.name.starts_with("try_");
    let (ansi, session) = (request.session.ansi, request.session);
    let argument = request.take(0);
    let source = argument.data_type.clone();
    Ok(match &source {
        &DataType::Decimal { precision, scale } => {
            let (sum_precision, sum_scale) = bounded(precision + 10, scale);
            let (precision, scale) = if mean {
                bounded(precision + 4, scale + 4)
            } else {
                (sum_precision, sum_scale)
            };
            let function = Function::SumDecimal {
                mean,
                precision: sum_precision,
                scale: sum_scale,
                raises: ansi && !attempt,
            };
            Bound::new(function, vec![argument], DataType::Decimal { precision, scale })
        }
        DataType::DayTimeInterval(_) | DataType::YearMonthInterval(_) => {
            let overflow = if attempt { Overflow::Null } else { Overflow::Raise };
            let function = if mean {
                Function::AvgInterval { overflow }
            } else {
                Function::SumLong { overflow }
            };
            // Whatever fields the intervals have, their sum has them all.
            let result = match source {
                DataType::DayTimeInterval(_) => DataType::DAY_TIME,
                _ => DataType::YEAR_MONTH,
            };
            Bound::new(function, vec![argument], result)
        }
        integer if integer.is_integral() && !mean => {
            let overflow = match (attempt, ansi) {
                (true, _) => Overflow::Null,
                (false, true) => Overflow::Raise,
                (false, false) => Overflow::Wrap,
            };
            let argument = cast_to(argument, &DataType::BigInt, session)?;
            Bound::new(Function::SumLong { overflow }, vec![argument], DataType::BigInt)
        }
        number if number.is_numeric() || is_implicitly_double(number) || *number == DataType::Timestamp => {
            let function = if mean { Function::AvgDouble } else { Function::SumDouble };
            let argument = cast_to(argument, &DataType::Double, session)?;
            Bound::new(function, vec![argument], DataType::Double)
        }
        _ => {
            return Err(request.wrong_type(0, &argument, "(\"NUMERIC\" or \"ANSI INTERVAL\")"));
        }
    })
}

fn bounded(precision: u8, scale: i8) -> (u8, i8) {
    (precision.min(38), scale.min(38))
}

/// Types besides numbers that Spark casts to DOUBLE unasked.
pub(super) fn is_implicitly_double(data_type: &DataType) -> bool {
    matches!(data_type, DataType::String | DataType::Void)
}

fn bind_extreme(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(1, 1)?;
    let greatest = request.name == "max";
    let argument = request.take(0);
    request.check_orderable(&argument)?;
    let function = match &argument.data_type {
        DataType::Float | DataType::Double => Function::ExtremeDouble { greatest },
        DataType::String | DataType::Binary => Function::ExtremeBytes { greatest },
        DataType::Decimal { .. } => Function::ExtremeDecimal { greatest },
        other if other.is_nested() || *other == DataType::Void => Function::ExtremeNested { greatest },
        _ => Function::ExtremeLong { greatest },
    };
    let data_type = argument.data_type.clone();
    Ok(Bound::new(function, vec![argument], data_type))
}

fn bind_bits(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(1, 1)?;
    let operation = match request.name {
        "bit_and" => BitOperation::And,
        "bit_or" => BitOperation::Or,
        _ => BitOperation::Xor,
    };
    let mut argument = request.take(0);
    if argument.data_type == DataType::Void {
        argument = cast_to(argument, &DataType::BigInt, request.session)?;
    }
    if !argument.data_type.is_integral() {
        return Err(request.wrong_type(0, &argument, "\"INTEGRAL\""));
    }
    let data_type = argument.data_type.clone();
    Ok(Bound::new(Function::Bits(operation), vec![argument], data_type))
}

fn bind_edge(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(1, 2)?;
    let ignore_nulls = match request.arguments.get(1) {
        None => false,
        Some(flag) => match constant(flag) {
            Some(array) if flag.data_type == DataType::Boolean && array.is_valid(0) => array.as_boolean().value(0),
            _ => {
                return Err(Error::new(ErrorCode::DatatypeMismatchNonFoldableInput)
                    .with("sqlExpr", format!("\"{}\"", request.sql))
                    .with("inputName", "`ignoreNulls`")
                    .with("inputType", "\"BOOLEAN\"")
                    .with("inputExpr", request.quoted_argument(1)));
            }
        },
    };
    let last = request.name.starts_with("last");
    let argument = request.take(0);
    let data_type = argument.data_type.clone();
    let nullable = argument.nullable;
    let mut bound = Bound::new(Function::Edge { last, ignore_nulls }, vec![argument], data_type);
    bound.nullable |= nullable;
    Ok(bound)
}

fn bind_extreme_by(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(2, 3)?;
    let greatest = request.name == "max_by";
    let order = request.arguments.remove(1);
    request.check_orderable(&order)?;
    let count = match request.arguments.get(1) {
        None => None,
        Some(count) => {
            let count = cast_to(count.clone(), &DataType::BigInt, request.session)?;
            let count = constant(&count)
                .filter(|array| array.is_valid(0))
                .map(|array| array.as_primitive::<arrow_array::types::Int64Type>().value(0))
                .filter(|count| (1..=EXTREMES_MAX).contains(count))
                .ok_or_else(|| {
                    Error::new(ErrorCode::DatatypeMismatchValueOutOfRange)
                        .with("sqlExpr", format!("\"{}\"", request.sql))
                        .with("exprName", "`k`")
                        .with("valueRange", format!("[1, {EXTREMES_MAX}]"))
                        .with("currentValue", request.quoted_argument(2))
                })?;
            Some(count as usize)
        }
    };
    let value = request.take(0);
    let data_type = value.data_type.clone();
    Ok(match count {
        None => Bound::new(Function::ExtremeBy { greatest }, vec![value, order], data_type),
        Some(count) => Bound::new(
            Function::ExtremesBy { greatest, count },
            vec![value, order],
            DataType::Array {
                element: Box::new(data_type),
                contains_null: true,
            },
        ),
    })
}

fn bind_collect(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(1, 1)?;
    let is_set = request.name == "collect_set";
    let argument = request.take(0);
    if is_set && argument.data_type.contains_map() {
        return Err(Error::new(ErrorCode::DatatypeMismatchUnsupportedInputType)
            .with("sqlExpr", format!("\"{}\"", request.sql))
            .with("functionName", "`collect_set`")
            .with("dataType", "\"MAP\" or \"COLLATED STRING\""));
    }
    let function = if is_set {
        Function::CollectSet
    } else {
        Function::CollectList
    };
    let data_type = DataType::Array {
        element: Box::new(argument.data_type.clone()),
        contains_null: false,
    };
    Ok(Bound::new(function, vec![argument], data_type).never_null())
}

fn bind_approx_count_distinct(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(1, 2)?;
    let relative_sd = match request.arguments.get(1) {
        None => RELATIVE_SD,
        Some(error) => request.numbers(error)?.map_or(f64::NAN, |numbers| numbers[0]),
    };
    let precision = hyperloglog::precision_of(relative_sd).ok_or_else(|| {
        Error::new(ErrorCode::DatatypeMismatchValueOutOfRange)
            .with("sqlExpr", format!("\"{}\"", request.sql))
            .with("exprName", "`relativeSD`")
            .with("valueRange", "(0.0, 0.39]")
            .with("currentValue", relative_sd.to_string())
    })?;
    let argument = request.take(0);
    let function = Function::ApproxCountDistinct { precision };
    Ok(Bound::new(function, vec![argument], DataType::BigInt).never_null())
}

fn bind_moment(request: &mut AggregateRequest<'_>, moment: Moment) -> Result<Bound> {
    let values = request.doubles(1)?;
    Ok(Bound::new(Function::Moments(moment), values, DataType::Double))
}

fn bind_pairs(request: &mut AggregateRequest<'_>, moment: PairMoment) -> Result<Bound> {
    let mut values = request.doubles(2)?;
    // Regressions name the dependent variable first; the sums are made with the independent one first.
    if matches!(
        moment,
        PairMoment::Slope | PairMoment::Intercept | PairMoment::ProductSum
    ) {
        values.reverse();
    }
    Ok(Bound::new(Function::Pairs(moment), values, DataType::Double))
}

/// regr_avgx() and the like: of one variable, over the rows where both are there.
fn bind_one_of_pair(request: &mut AggregateRequest<'_>) -> Result<Bound> {
    request.expect(2, 2)?;
    let present = request
        .arguments
        .iter()
        .map(|argument| request.call("isnotnull", vec![argument.clone()]))
        .collect::<Result<Vec<_>>>()?;
    let both = request.call("and", present)?;
    let wanted = usize::from(request.name.ends_with('x'));
    let argument = request.arguments.swap_remove(wanted);
    let chosen = Expr {
        data_type: argument.data_type.clone(),
        nullable: true,
        kind: Kind::Case {
            branches: vec![(both, argument)],
            otherwise: None,
        },
    };
    request.arguments = vec![chosen];
    if request.name.starts_with("regr_avg") {
        bind_sum(request, true)
    } else {
        bind_moment(request, Moment::SquareSum)
    }
}

/// The value of an expression without columns.
pub(super) fn constant(expr: &Expr) -> Option<ArrayRef> {
    if expr.any(&|part| matches!(part.kind, Kind::Column(_))) {
        return None;
    }
    expr.evaluate(&[], 1).and_then(|value| value.into_array(1)).ok()
}

impl AggregateRequest<'_> {
    /// WRONG_NUM_ARGS unless there are `least` to `most` arguments.
    pub(super) fn expect(&self, least: usize, most: usize) -> Result<()> {
        let found = self.arguments.len();
        if (least..=most).contains(&found) {
            return Ok(());
        }
        let expected = if least == most {
            least.to_string()
        } else {
            format!("[{least}, {most}]")
        };
        Err(Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
            .with("functionName", format!("`{}`", self.name))
            .with("expectedNum", expected)
            .with("actualNum", found.to_string()))
    }

    /// Argument `index`, which [`Self::expect`] has seen, taken out.
    pub(super) fn take(&mut self, index: usize) -> Expr {
        self.arguments.remove(index)
    }

    pub(super) fn quoted_argument(&self, index: usize) -> String {
        format!("\"{}\"", self.argument_sql.get(index).map_or("", String::as_str))
    }

    /// DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE; `required` is Spark's text of what the function takes.
    pub(super) fn wrong_type(&self, index: usize, argument: &Expr, required: &str) -> Error {
        const ORDINALS: [&str; 3] = ["first", "second", "third"];
        Error::new(ErrorCode::DatatypeMismatchUnexpectedInputType)
            .with("sqlExpr", format!("\"{}\"", self.sql))
            .with("paramIndex", ORDINALS.get(index).copied().unwrap_or("next"))
            .with("requiredType", required)
            .with("inputSql", self.quoted_argument(index))
            .with("inputType", argument.data_type.quoted_sql())
    }

    /// DATATYPE_MISMATCH.INVALID_ORDERING_TYPE where the argument has no order.
    pub(super) fn check_orderable(&self, argument: &Expr) -> Result<()> {
        if argument.data_type.is_orderable() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::DatatypeMismatchInvalidOrderingType)
            .with("sqlExpr", format!("\"{}\"", self.sql))
            .with("functionName", format!("`{}`", self.name))
            .with("dataType", argument.data_type.quoted_sql()))
    }

    fn boolean(&mut self) -> Result<Expr> {
        self.expect(1, 1)?;
        let argument = self.take(0);
        if !matches!(argument.data_type, DataType::Boolean | DataType::Void) {
            return Err(self.wrong_type(0, &argument, "\"BOOLEAN\""));
        }
        cast_to(argument, &DataType::Boolean, self.session)
    }

    /// The arguments, `count` of them, as doubles.
    fn doubles(&mut self, count: usize) -> Result<Vec<Expr>> {
        self.expect(count, count)?;
        let arguments = std::mem::take(&mut self.arguments);
        let mut doubles = Vec::with_capacity(count);
        for (index, argument) in arguments.into_iter().enumerate() {
            if !argument.data_type.is_numeric() && !is_implicitly_double(&argument.data_type) {
                return Err(self.wrong_type(index, &argument, "\"DOUBLE\""));
            }
            doubles.push(cast_to(argument, &DataType::Double, self.session)?);
        }
        Ok(doubles)
    }

    /// The numbers of a constant, one or a list; none where it is null or no constant.
    pub(super) fn numbers(&self, argument: &Expr) -> Result<Option<Vec<f64>>> {
        let Some(array) = constant(argument).filter(|array| array.len() == 1 && array.is_valid(0)) else {
            return Ok(None);
        };
        let (values, data_type) = match &argument.data_type {
            DataType::Array { element, .. } => (array.as_list::<i32>().value(0), (**element).clone()),
            other => (array, other.clone()),
        };
        if data_type.is_numeric() && values.null_count() == 0 && !values.is_empty() {
            return Ok(Some(ranks::doubles_of(&values, &data_type)?));
        }
        Ok(None)
    }

    /// A scalar function over `arguments`.
    fn call(&self, name: &str, arguments: Vec<Expr>) -> Result<Expr> {
        bind_call(Call {
            name,
            arguments,
            options: &BTreeMap::new(),
            sql: self.sql.to_string(),
            argument_sql: self.argument_sql.to_vec(),
            argument_names: Vec::new(),
            session: self.session,
            lambdas: Vec::new(),
        })
    }
}
