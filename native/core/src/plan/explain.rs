//! explain(): the pipeline as text, sink first, as Spark prints its trees.

use super::{ResolvedPlan, Step};

/// The pipeline of a resolved plan, one line a step; `extended` adds the row type and the readers' options.
pub fn explain(plan: &ResolvedPlan, extended: bool) -> String {
    let mut lines = Vec::new();
    for step in plan.result_steps.iter().rev() {
        lines.push(step_line(step));
    }
    if let Some(aggregate) = &plan.aggregate {
        let calls: Vec<String> = aggregate.calls.iter().map(|call| format!("{call:?}")).collect();
        let event_time = aggregate
            .event_time
            .as_ref()
            .map(|key| format!("{key:?}, "))
            .unwrap_or_default();
        lines.push(format!("Reduce [state by shard, output {:?}]", aggregate.output));
        lines.push(format!(
            "Map [keys {event_time}{:?}, functions {}]",
            aggregate.keys,
            calls.join(", ")
        ));
    }
    for step in plan.steps.iter().rev() {
        lines.push(step_line(step));
    }
    for source in &plan.sources {
        let columns: Vec<String> = source
            .schema
            .fields
            .iter()
            .map(|field| format!("{}:{}", field.name, field.data_type))
            .collect();
        let options = if extended {
            format!(" {:?}", source.options)
        } else {
            String::new()
        };
        lines.push(format!("Read {} [{}]{options}", source.format, columns.join(", ")));
    }
    let mut text = String::from("== Physical Plan ==\n");
    for (depth, line) in lines.iter().enumerate() {
        if depth > 0 {
            text += &"   ".repeat(depth - 1);
            text += "+- ";
        }
        text += line;
        text.push('\n');
    }
    if extended {
        text += "\n== Output ==\n";
        for field in &plan.schema.fields {
            text += &format!("{}: {} (nullable = {})\n", field.name, field.data_type, field.nullable);
        }
    }
    text
}

fn step_line(step: &Step) -> String {
    match step {
        Step::Project(exprs) => format!("Project {exprs:?}"),
        Step::Filter(condition) => format!("Filter {condition:?}"),
        Step::Watermark { node, column } => format!("EventTimeWatermark #{column} (node {node})"),
        Step::ExpandWindows(key) => format!("Expand {key:?}"),
    }
}
