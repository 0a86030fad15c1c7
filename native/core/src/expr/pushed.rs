//! Conditions that Spark hands to the readers of JSON and CSV, which leave rows out before they are counted.

use super::{Expr, Kind};

/// What Spark's readers can test of a column and a constant.
const TESTS: &[&str] = &[
    "=",
    "<=>",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "startswith",
    "endswith",
    "contains",
];

/// Whether a reader can test the condition: on columns of the file as they are, and constants.
pub fn is_pushed(condition: &Expr) -> bool {
    let Kind::Call { name, arguments, .. } = &condition.kind else {
        return false;
    };
    match *name {
        "and" | "or" | "not" => arguments.iter().all(is_pushed),
        "isnull" | "isnotnull" => arguments.iter().all(is_column),
        name if TESTS.contains(&name) => {
            let columns = arguments.iter().filter(|argument| is_column(argument)).count();
            columns == 1
                && arguments
                    .iter()
                    .all(|argument| is_column(argument) || is_constant(argument))
        }
        _ => false,
    }
}

fn is_column(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Column(_)) && !expr.data_type.is_nested()
}

fn is_constant(expr: &Expr) -> bool {
    !expr.any(&|part| matches!(part.kind, Kind::Column(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::DataType;

    fn call(name: &'static str, arguments: Vec<Expr>) -> Expr {
        Expr::call(name, arguments, DataType::Boolean, true, |values, _| {
            Ok(values[0].clone())
        })
    }

    #[test]
    fn a_column_beside_constants_is_pushed_and_what_is_computed_is_not() {
        let column = || Expr::column(0, DataType::Int, true);
        let one = || crate::expr::literal(&serde_json::json!(1), &DataType::Int).unwrap();
        assert!(is_pushed(&call(">", vec![column(), one()])));
        assert!(is_pushed(&call("not", vec![call("isnull", vec![column()])])));
        assert!(!is_pushed(&call(">", vec![column(), column()])));
        assert!(!is_pushed(&call(">", vec![call("+", vec![column(), one()]), one()])));
        assert!(!is_pushed(&call("and", vec![call("rlike", vec![column(), one()])])));
    }
}
