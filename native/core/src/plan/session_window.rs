//! session_window(): each row gets the session that it would have alone, and rows without one go, before sessions are joined.

use super::naming::{output_name, sql_text};
use super::resolve::{Named, Resolver};
use super::scope::{EventTime, ScopeColumn, WindowKind};
use super::{Expression, Step};
use crate::column::{DataType, Field};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, is_in_session, session_window};
use crate::window::timestamp_of;

impl Resolver<'_> {
    /// The column of the rows' own sessions, appended to the scope, where `expression` is a session_window(). Fails as Spark
    /// does where the time is no time or the gap no text.
    pub(super) fn session_call(&mut self, expression: &Expression) -> Result<Option<Named>> {
        let mut inner = expression;
        while let Expression::Alias { child, .. } = inner {
            inner = child;
        }
        let Expression::Call { name, arguments, .. } = inner else {
            return Ok(None);
        };
        if name != "session_window" {
            return Ok(None);
        }
        let [time, gap] = arguments.as_slice() else {
            return Err(Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
                .with("functionName", "`session_window`")
                .with("expectedNum", "2")
                .with("actualNum", arguments.len().to_string()));
        };
        let Named { expr, event_time, .. } = self.named(time)?;
        // Spark's errors have the class's own name for the function.
        let sql = sql_text(inner).replacen("session_window", "sessionwindow", 1);
        let expr = timestamp_of(expr, &sql, &sql_text(time), self.session)?;
        let gap = self.expression(gap)?;
        if !matches!(
            gap.data_type,
            DataType::String | DataType::Void | DataType::CalendarInterval
        ) {
            return Err(Error::new(ErrorCode::LegacyErrorTemp1040).with("dt", gap.data_type.to_string()));
        }
        let window = session_window(expr, gap, &self.session.zone);
        let data_type = window.data_type.clone();
        let position = self.scope.columns.len();
        let mut columns: Vec<Expr> = (0..position).map(|column| self.column_at(column).expr).collect();
        columns.push(window);
        self.push(Step::Project(columns));
        self.push(Step::Filter(is_in_session(Expr::column(
            position,
            data_type.clone(),
            true,
        ))));
        let event_time = EventTime {
            window: Some(WindowKind::Session),
            window_size_micros: None,
            ..event_time
        };
        self.scope.columns.push(ScopeColumn {
            // No name finds it: it goes by its position.
            field: Field::new("", data_type.clone(), false),
            event_time,
            qualifier: None,
        });
        Ok(Some(Named {
            name: output_name(expression),
            expr: Expr::column(position, data_type, false),
            event_time,
        }))
    }
}
