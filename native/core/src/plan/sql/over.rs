//! OVER: the window that a function looks at.

use sqlparser::ast::{WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType};

use super::super::Expression;
use super::expression::{call, expression};
use super::query::order;
use super::{Catalog, unsupported};
use crate::error::Result;

/// A function over a window.
pub(super) fn over(function: Expression, window: &WindowType, catalog: &Catalog) -> Result<Expression> {
    let WindowType::WindowSpec(WindowSpec {
        window_name: None,
        partition_by,
        order_by,
        window_frame,
    }) = window
    else {
        return Err(unsupported("a named window"));
    };
    let (frame, lower, upper) = match window_frame {
        None => (None, None, None),
        Some(frame) => bounds(frame, catalog)?,
    };
    Ok(Expression::Over {
        function: Box::new(function),
        partition_by: partition_by
            .iter()
            .map(|key| expression(key, catalog))
            .collect::<Result<_>>()?,
        order_by: order_by
            .iter()
            .map(|entry| order(entry, catalog))
            .collect::<Result<_>>()?,
        frame,
        lower,
        upper,
    })
}

type Bounds = (Option<String>, Option<Box<Expression>>, Option<Box<Expression>>);

/// The units of a frame with its bounds: distances from the row at hand.
fn bounds(frame: &WindowFrame, catalog: &Catalog) -> Result<Bounds> {
    let units = match frame.units {
        WindowFrameUnits::Rows => "rows",
        WindowFrameUnits::Range => "range",
        WindowFrameUnits::Groups => return Err(unsupported("GROUPS")),
    };
    let lower = match &frame.start_bound {
        WindowFrameBound::Preceding(None) => None,
        bound => Some(distance(bound, catalog)?),
    };
    let upper = match &frame.end_bound {
        None => Some(distance(&WindowFrameBound::CurrentRow, catalog)?),
        Some(WindowFrameBound::Following(None)) => None,
        Some(bound) => Some(distance(bound, catalog)?),
    };
    Ok((Some(units.to_string()), lower.map(Box::new), upper.map(Box::new)))
}

fn distance(bound: &WindowFrameBound, catalog: &Catalog) -> Result<Expression> {
    match bound {
        WindowFrameBound::CurrentRow => Ok(Expression::Literal {
            value: 0.into(),
            data_type: "int".to_string(),
        }),
        WindowFrameBound::Preceding(Some(distance)) => Ok(call("negative", vec![expression(distance, catalog)?])),
        WindowFrameBound::Following(Some(distance)) => expression(distance, catalog),
        WindowFrameBound::Preceding(None) | WindowFrameBound::Following(None) => {
            Err(unsupported("a frame without rows"))
        }
    }
}
