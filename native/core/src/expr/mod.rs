//! Expressions: resolved, typed, evaluated a column at a time.
//!
//! The planner makes `Expr` trees out of the plan's unresolved expressions by way of the [`registry`]; evaluation
//! knows columns by position only. What raises an error says which row did.

mod arithmetic;
mod array_sets;
mod arrays;
mod bitwise;
mod cast;
mod cells;
mod collation;
mod comparison;
mod concat;
mod conditional;
mod date_arithmetic;
mod date_fields;
mod datetime;
mod decimal;
mod elements;
mod fdlibm;
mod format_string;
mod format_value;
mod gathered;
mod generate;
mod hash;
mod interval_arithmetic;
mod interval_extract;
mod interval_scaling;
mod intervals;
mod json;
mod json_path;
mod json_text;
mod json_write;
mod lambda;
mod like;
mod literal;
mod logic;
mod maps;
mod masks;
mod math;
mod number_format;
mod number_pattern;
mod number_text;
mod pushed;
mod random;
mod rank;
mod regexp;
mod registry;
mod rounding;
mod rows;
mod sentences;
mod sequences;
mod session_window;
mod steps;
mod string_choose;
mod string_encode;
mod string_parts;
mod strings;
mod structs;
mod unary;
mod value;

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, new_null_array};

pub use cast::{cast, is_cast_function};
pub use collation::check_uncollated;
pub use comparison::normalize_zero;
pub use conditional::case_when;
pub use datetime::window_time;
pub use decimal::{decimal_for, wider_type as wider_decimal};
pub use format_value::{BinaryStyle, ValueFormatter};
pub use gathered::{comparable, limit_rows, sort_rows};
pub use generate::{GENERATOR_NAMES, Generator, bind_generator};
pub use hash::murmur3;
pub use json_text::{JsonStyle, JsonText};
pub use lambda::{BoundLambda, LambdaArgument};
pub use literal::literal;
pub use logic::null_test;
pub use masks::{filter_columns, mask_of, true_rows};
pub use random::sample_rows;
pub use registry::{Bind, Call, bind_call, function_names, ordinal};
pub use session_window::{is_in_session, session_window};
pub use steps::StepRunner;
pub use structs::{extract, field_position, get_field};
pub use value::Value;

use crate::column::DataType;
use crate::error::Result;

/// Computes a value for `rows` rows out of the values of the arguments.
pub type Kernel = Arc<dyn Fn(&[Value], usize) -> Result<Value> + Send + Sync>;

/// Gives a computation of structs for where only some of their fields are looked at: there may be nulls in the others.
pub type Narrow = Arc<dyn Fn(&[bool]) -> Kernel + Send + Sync>;

/// What is known of a call that deals with structs: it lets fields that nobody looks at go uncomputed.
#[derive(Clone, Default)]
pub enum StructUse {
    /// Nothing.
    #[default]
    Unknown,
    /// It looks at this field of its only argument, and at no other.
    Takes(usize),
    /// It makes structs.
    Makes(Narrow),
}

/// A typed expression over columns that are known by position.
#[derive(Clone)]
pub struct Expr {
    /// What it does.
    pub kind: Kind,
    /// Type of its values.
    pub data_type: DataType,
    /// Whether a value may be null.
    pub nullable: bool,
}

/// What an expression does.
#[derive(Clone)]
pub enum Kind {
    /// The column at this position of the input.
    Column(usize),
    /// A constant, as an array of one row.
    Literal(ArrayRef),
    /// A function of arguments.
    Call {
        /// Name for explain.
        name: &'static str,
        /// The arguments.
        arguments: Vec<Expr>,
        /// The computation.
        kernel: Kernel,
        /// How it deals with structs.
        structs: StructUse,
    },
    /// The first branch whose condition is true; the rest is not evaluated for that row.
    Case {
        /// Conditions and their results.
        branches: Vec<(Expr, Expr)>,
        /// Result where no condition is true; null where absent.
        otherwise: Option<Box<Expr>>,
    },
}

impl Expr {
    /// The column at `position`.
    pub fn column(position: usize, data_type: DataType, nullable: bool) -> Self {
        Self {
            kind: Kind::Column(position),
            data_type,
            nullable,
        }
    }

    /// The null of a type.
    pub fn null(data_type: DataType) -> Self {
        Self {
            kind: Kind::Literal(new_null_array(&data_type.to_arrow(), 1)),
            data_type,
            nullable: true,
        }
    }

    /// A function call.
    pub fn call(
        name: &'static str,
        arguments: Vec<Expr>,
        data_type: DataType,
        nullable: bool,
        kernel: impl Fn(&[Value], usize) -> Result<Value> + Send + Sync + 'static,
    ) -> Self {
        Self {
            kind: Kind::Call {
                name,
                arguments,
                kernel: Arc::new(kernel),
                structs: StructUse::Unknown,
            },
            data_type,
            nullable,
        }
    }

    /// The call with what is known of how it deals with structs.
    pub fn with_struct_use(mut self, known: StructUse) -> Self {
        if let Kind::Call { structs, .. } = &mut self.kind {
            *structs = known;
        }
        self
    }

    /// Computes only the wanted fields, by position, of the structs that it makes, where it can leave out any.
    pub fn narrow(&mut self, is_wanted: impl Fn(usize) -> bool) {
        if let (
            Kind::Call {
                kernel,
                structs: StructUse::Makes(narrowed),
                ..
            },
            DataType::Struct(made),
        ) = (&mut self.kind, &self.data_type)
        {
            let wanted: Vec<bool> = (0..made.fields.len()).map(is_wanted).collect();
            *kernel = narrowed(&wanted);
        }
    }

    /// The constant's array, where it is one.
    pub fn as_literal(&self) -> Option<&ArrayRef> {
        match &self.kind {
            Kind::Literal(array) => Some(array),
            _ => None,
        }
    }

    /// Whether any part of it satisfies `test`.
    pub fn any(&self, test: &dyn Fn(&Expr) -> bool) -> bool {
        test(self)
            || match &self.kind {
                Kind::Column(_) | Kind::Literal(_) => false,
                Kind::Call { arguments, .. } => arguments.iter().any(|argument| argument.any(test)),
                Kind::Case { branches, otherwise } => {
                    branches.iter().any(|(when, then)| when.any(test) || then.any(test))
                        || otherwise.as_ref().is_some_and(|expr| expr.any(test))
                }
            }
    }

    /// Whether it is a column as it stands.
    pub fn is_column(&self) -> bool {
        matches!(self.kind, Kind::Column(_))
    }

    /// The columns that it uses, each with the field that it looks at where that is all of it; some may come more than once.
    pub fn used_fields(&self) -> Vec<(usize, Option<usize>)> {
        match &self.kind {
            Kind::Column(position) => vec![(*position, None)],
            Kind::Literal(_) => Vec::new(),
            Kind::Call {
                arguments,
                structs: StructUse::Takes(field),
                ..
            } if let [
                Expr {
                    kind: Kind::Column(position),
                    ..
                },
            ] = arguments.as_slice() =>
            {
                vec![(*position, Some(*field))]
            }
            Kind::Call { arguments, .. } => arguments.iter().flat_map(Self::used_fields).collect(),
            Kind::Case { branches, otherwise } => {
                let of_branches = branches.iter().flat_map(|(when, then)| [when, then]);
                let parts = of_branches.chain(otherwise.as_deref());
                parts.flat_map(Self::used_fields).collect()
            }
        }
    }

    /// Whether it uses the column at `position`.
    pub fn names_column(&self, position: usize) -> bool {
        self.any(&|part| matches!(part.kind, Kind::Column(found) if found == position))
    }

    /// The same over columns that stand `by` places further left.
    pub fn shifted(self, by: usize) -> Self {
        self.with_columns(&mut |position, data_type, nullable| Expr::column(position - by, data_type, nullable))
    }

    /// The same with `columns` in the place of the columns that it names.
    pub fn over(self, columns: &[Expr]) -> Self {
        self.with_columns(&mut |position, _, _| columns[position].clone())
    }

    /// The same with what `replace` makes of each column (position, type, nullability) in its place.
    fn with_columns(self, replace: &mut dyn FnMut(usize, DataType, bool) -> Expr) -> Self {
        let kind = match self.kind {
            Kind::Column(position) => return replace(position, self.data_type, self.nullable),
            Kind::Literal(array) => Kind::Literal(array),
            Kind::Call {
                name,
                arguments,
                kernel,
                structs,
            } => Kind::Call {
                name,
                arguments: arguments
                    .into_iter()
                    .map(|argument| argument.with_columns(replace))
                    .collect(),
                kernel,
                structs,
            },
            Kind::Case { branches, otherwise } => Kind::Case {
                branches: branches
                    .into_iter()
                    .map(|(when, then)| (when.with_columns(replace), then.with_columns(replace)))
                    .collect(),
                otherwise: otherwise.map(|expr| Box::new(expr.with_columns(replace))),
            },
        };
        Self { kind, ..self }
    }

    /// The conditions that must all hold for it to hold, in their order.
    pub fn conjuncts(self) -> Vec<Expr> {
        let mut found = Vec::new();
        let mut waiting = vec![self];
        while let Some(part) = waiting.pop() {
            match part.kind {
                Kind::Call {
                    name: "and", arguments, ..
                } => waiting.extend(arguments.into_iter().rev()),
                _ => found.push(part),
            }
        }
        found
    }

    /// Evaluates it over `columns` of `rows` rows each. An error names the row that raised it.
    pub fn evaluate(&self, columns: &[ArrayRef], rows: usize) -> Result<Value> {
        match &self.kind {
            Kind::Column(position) => Ok(Value::Array(columns[*position].clone())),
            Kind::Literal(array) => Ok(Value::Scalar(array.clone())),
            Kind::Call { arguments, kernel, .. } => {
                let values = arguments
                    .iter()
                    .map(|argument| argument.evaluate(columns, rows))
                    .collect::<Result<Vec<_>>>()?;
                kernel(&values, rows)
            }
            Kind::Case { branches, otherwise } => {
                conditional::evaluate_case(branches, otherwise.as_deref(), &self.data_type, columns, rows)
            }
        }
    }
}

/// Structure without types: what explain prints.
impl fmt::Debug for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Column(position) => write!(out, "#{position}"),
            Kind::Literal(array) => {
                let mut text = String::new();
                ValueFormatter::new(&self.data_type, &crate::parse::TimeZone::utc()).write(array, 0, &mut text);
                out.write_str(&text)
            }
            Kind::Call { name, arguments, .. } => {
                write!(out, "{name}(")?;
                for (index, argument) in arguments.iter().enumerate() {
                    write!(out, "{}{argument:?}", if index > 0 { ", " } else { "" })?;
                }
                out.write_str(")")
            }
            Kind::Case { branches, otherwise } => {
                out.write_str("CASE")?;
                for (when, then) in branches {
                    write!(out, " WHEN {when:?} THEN {then:?}")?;
                }
                if let Some(expr) = otherwise {
                    write!(out, " ELSE {expr:?}")?;
                }
                out.write_str(" END")
            }
        }
    }
}
