//! Lambdas: functions of elements, as arguments of higher-order functions such as transform() and filter().
//!
//! The body becomes an expression over the parameters and the outer columns that it uses; the latter are handed to the
//! higher-order function as further arguments, so that its kernel can repeat them per element.

mod arrays;
mod fold;
mod maps;
mod sort;

use arrow_array::ArrayRef;

use super::elements::Arguments;
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};

/// The higher-order functions, a list a room.
pub const ROOMS: [&[(&str, Bind)]; 3] = [arrays::FUNCTIONS, fold::FUNCTIONS, maps::FUNCTIONS];

pub use sort::bind_sort_by;

/// Whether a function takes lambdas.
pub fn takes_lambdas(name: &str) -> bool {
    name == "array_sort" || ROOMS.iter().any(|room| room.iter().any(|(known, _)| *known == name))
}

/// A lambda whose parameters have types: `body` is over (parameters, captured columns).
pub struct BoundLambda {
    /// The body.
    pub body: Expr,
    /// The outer columns that it uses, in the order of their positions after the parameters.
    pub captured: Vec<Expr>,
}

/// Resolves a lambda's body, given its parameters' types and whether they may be null.
pub type ResolveBody<'a> = Box<dyn Fn(&[(DataType, bool)]) -> Result<Expr> + 'a>;

/// A lambda that waits for the types of its parameters.
pub struct LambdaArgument<'a> {
    /// Names of the parameters.
    pub parameters: &'a [String],
    /// Resolves the body over (outer columns, parameters of these types).
    pub resolve: ResolveBody<'a>,
    /// Number of outer columns.
    pub outer_columns: usize,
}

/// The `N` lambdas of a call beside `count` other arguments; WRONG_NUM_ARGS where there is another number of either.
fn take_lambdas<'a, const N: usize>(call: &mut Call<'a>, count: usize) -> Result<[LambdaArgument<'a>; N]> {
    call.expect_arguments(count)?;
    let lambdas = std::mem::take(&mut call.lambdas);
    let given = lambdas.len();
    lambdas
        .try_into()
        .map_err(|_| call.wrong_count(&(count + N).to_string(), count + given))
}

/// The call of a higher-order function, what its lambdas capture behind its own arguments. `answer` gets all of them as
/// columns of one length, and the result's type.
fn higher_order(
    call: Call<'_>,
    name: &'static str,
    captured: Vec<Expr>,
    (data_type, nullable): (DataType, bool),
    answer: impl Fn(&Arguments, &DataType) -> Result<ArrayRef> + Send + Sync + 'static,
) -> Expr {
    let mut arguments = call.arguments;
    arguments.extend(captured);
    let result = data_type.clone();
    Expr::call(name, arguments, data_type, nullable, move |values, rows| {
        let arguments = Arguments::new(values, rows)?;
        Ok(arguments.value(answer(&arguments, &result)?))
    })
}

impl LambdaArgument<'_> {
    /// Gives the parameters their types (with nullability). Fails where their number is another, or with what is wrong
    /// in the body.
    pub fn bind(&self, types: &[(DataType, bool)]) -> Result<BoundLambda> {
        if self.parameters.len() != types.len() {
            return Err(Error::new(ErrorCode::InvalidLambdaFunctionCallNumArgsMismatch)
                .with("expectedNumArgs", types.len().to_string())
                .with("actualNumArgs", self.parameters.len().to_string()));
        }
        let body = (self.resolve)(types)?;
        let mut captured = Vec::new();
        let mut positions = Vec::new();
        let body = body.with_columns(&mut |position, data_type, nullable| {
            if position >= self.outer_columns {
                return Expr::column(position - self.outer_columns, data_type, nullable);
            }
            let known = positions.iter().position(|&known| known == position);
            let index = known.unwrap_or_else(|| {
                positions.push(position);
                captured.push(Expr::column(position, data_type.clone(), nullable));
                positions.len() - 1
            });
            Expr::column(types.len() + index, data_type, nullable)
        });
        Ok(BoundLambda { body, captured })
    }
}
