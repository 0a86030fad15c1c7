//! Spark's text of a call, of which column names are made: operators between their operands, mathematical functions in
//! capitals, and the values that optional arguments have.

use crate::expr::is_cast_function;

/// Functions of one name that Spark writes in capitals.
const CAPITALS: &[&str] = &[
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "cot",
    "csc",
    "degrees",
    "e",
    "exp",
    "expm1",
    "hypot",
    "log",
    "log10",
    "log1p",
    "log2",
    "pi",
    "power",
    "radians",
    "regexp_like",
    "rlike",
    "sec",
    "signum",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
];

/// Functions with arguments that may be left out: how many were given, and what Spark writes for the rest.
const DEFAULTS: &[(&str, usize, &str)] = &[
    (
        "aggregate",
        3,
        "lambdafunction(namedlambdavariable(), namedlambdavariable())",
    ),
    ("bround", 1, "0"),
    ("from_unixtime", 1, "yyyy-MM-dd HH:mm:ss"),
    ("locate", 2, "1"),
    ("lpad", 2, " "),
    ("mask", 1, "X, x, n, NULL"),
    ("mask", 2, "x, n, NULL"),
    ("mask", 3, "n, NULL"),
    ("mask", 4, "NULL"),
    ("months_between", 2, "true"),
    ("overlay", 3, "-1"),
    // Spark shows how often a value counts even where nobody said so.
    ("percentile", 2, "1"),
    ("position", 2, "1"),
    (
        "reduce",
        3,
        "lambdafunction(namedlambdavariable(), namedlambdavariable())",
    ),
    ("regexp_extract", 2, "1"),
    ("regexp_extract_all", 2, "1"),
    ("regexp_instr", 2, "0"),
    ("regexp_replace", 3, "1"),
    ("replace", 2, ""),
    ("round", 1, "0"),
    ("rpad", 2, " "),
    ("sentences", 1, ", "),
    ("sentences", 2, ""),
    ("sort_array", 1, "true"),
    ("split", 2, "-1"),
    ("str_to_map", 1, ",, :"),
    ("str_to_map", 2, ":"),
    ("substr", 2, "2147483647"),
    ("substring", 2, "2147483647"),
    ("to_unix_timestamp", 1, "yyyy-MM-dd HH:mm:ss"),
    ("unix_timestamp", 1, "yyyy-MM-dd HH:mm:ss"),
];

/// The text of a call of `name`, given the texts of its arguments.
pub(super) fn call_text(name: &str, texts: &[String]) -> String {
    match (name, texts) {
        ("and" | "or", [left, right]) => format!("({left} {} {right})", name.to_uppercase()),
        ("not", [only]) => format!("(NOT {only})"),
        ("isnull", [only]) => format!("({only} IS NULL)"),
        ("isnotnull", [only]) => format!("({only} IS NOT NULL)"),
        ("negative", [only]) => format!("(- {only})"),
        ("positive", [only]) => format!("(+ {only})"),
        ("~", [only]) => format!("~{only}"),
        ("like", [text, pattern]) => format!("{text} LIKE {pattern}"),
        ("like", [text, pattern, escape]) => format!("{text} LIKE {pattern} ESCAPE '{escape}'"),
        ("if", [condition, value, other]) => format!("(IF({condition}, {value}, {other}))"),
        ("in", [value, rest @ ..]) => format!("({value} IN ({}))", rest.join(", ")),
        ("count", [only]) if only == "*" => "count(1)".to_string(),
        ("getfield", [base, field]) => format!("{base}.{field}"),
        ("getitem", [base, key]) => format!("{base}[{key}]"),
        ("from_json", [text, ..]) => format!("from_json({text})"),
        ("log", [only]) => format!("LOG(E(), {only})"),
        ("ceil" | "floor", [only]) => format!("{}({only})", name.to_uppercase()),
        ("trim", [text, what]) => format!("TRIM(BOTH {what} FROM {text})"),
        ("ltrim", [text, what]) => format!("TRIM(LEADING {what} FROM {text})"),
        ("rtrim", [text, what]) => format!("TRIM(TRAILING {what} FROM {text})"),
        ("dateadd" | "date_add", [unit, count, time]) => format!("timestampadd({unit}, {count}, {time})"),
        ("datediff" | "date_diff", [unit, start, end]) => format!("timestampdiff({unit}, {start}, {end})"),
        ("to_varchar", [number, format]) => format!("to_char({number}, {format})"),
        ("assert_true", [condition]) => format!("assert_true({condition}, '{condition}' is not true!)"),
        ("raise_error", [message]) => format!("raise_error(USER_RAISED_EXCEPTION, map(errorMessage, {message}))"),
        (cast, [only]) if is_cast_function(cast) => only.clone(),
        (operator, [left, right]) if operator == "div" || !operator.starts_with(char::is_alphabetic) => {
            format!("({left} {operator} {right})")
        }
        _ => {
            let is_given = |known: &str, count: usize| known == name && count == texts.len();
            let mut texts = texts.join(", ");
            if let Some((_, _, rest)) = DEFAULTS.iter().find(|(known, count, _)| is_given(known, *count)) {
                texts = format!("{texts}, {rest}");
            }
            if CAPITALS.contains(&name) {
                format!("{}({texts})", name.to_uppercase())
            } else {
                format!("{name}({texts})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_as_spark_writes_them() {
        for (name, arguments, text) in [
            ("~", &["a"][..], "~a"),
            ("if", &["a", "b", "c"], "(IF(a, b, c))"),
            ("like", &["a", "b"], "a LIKE b"),
            ("int", &["a"], "a"),
            ("sqrt", &["a"], "SQRT(a)"),
            ("round", &["a"], "round(a, 0)"),
            ("round", &["a", "2"], "round(a, 2)"),
            ("ceil", &["a", "2"], "ceil(a, 2)"),
            ("trim", &["a", "x"], "TRIM(BOTH x FROM a)"),
            ("getitem", &["a", "0"], "a[0]"),
            ("pi", &[], "PI()"),
            ("+", &["a", "b"], "(a + b)"),
        ] {
            let arguments: Vec<String> = arguments.iter().map(|argument| argument.to_string()).collect();
            assert_eq!(call_text(name, &arguments), text);
        }
    }
}
