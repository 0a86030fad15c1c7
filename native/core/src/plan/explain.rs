//! explain(): the pipeline as text, sink first, as Spark prints its trees.

use super::{AggregateSpec, Flow, Operator, Origin, ResolvedPlan, Step};

/// The pipeline of a resolved plan, one line a step; `extended` adds the row type and the readers' options.
pub fn explain(plan: &ResolvedPlan, extended: bool) -> String {
    let mut tree = Tree {
        text: String::from("== Physical Plan ==\n"),
    };
    // Flows that wait to be written with their depths, the next one last.
    let mut waiting = tree.begin(0, &plan.output);
    while let Some((mut depth, flow)) = waiting.pop() {
        for step in flow.steps.iter().rev() {
            depth = tree.line(depth, &step_line(step));
        }
        match flow.origin {
            Origin::Source(number) => {
                tree.line(depth, &source_line(plan, number, extended));
            }
            Origin::OneRow => {
                tree.line(depth, "OneRow");
            }
            Origin::Stage(stage) => {
                let stage = &plan.stages[stage];
                for line in operator_lines(&stage.operator) {
                    depth = tree.line(depth, &line);
                }
                for input in stage.inputs.iter().rev() {
                    waiting.append(&mut tree.begin(depth, &input.flows));
                }
            }
        }
    }
    let mut text = tree.text;
    if extended {
        text += "\n== Output ==\n";
        for field in &plan.schema.fields {
            text += &format!("{}: {} (nullable = {})\n", field.name, field.data_type, field.nullable);
        }
    }
    text
}

struct Tree {
    text: String,
}

impl Tree {
    /// Writes a line; returns the depth of what is below it.
    fn line(&mut self, depth: usize, line: &str) -> usize {
        if depth > 0 {
            self.text += &"   ".repeat(depth - 1);
            self.text += "+- ";
        }
        self.text += line;
        self.text.push('\n');
        depth + 1
    }

    /// The flows that end at one place, last one first; several are a union.
    fn begin<'a>(&mut self, mut depth: usize, flows: &'a [Flow]) -> Vec<(usize, &'a Flow)> {
        if flows.len() > 1 {
            depth = self.line(depth, "Union");
        }
        flows.iter().rev().map(|flow| (depth, flow)).collect()
    }
}

fn operator_lines(operator: &Operator) -> Vec<String> {
    match operator {
        Operator::Aggregate(spec) => aggregate_lines(spec),
        Operator::Sessions(spec) => {
            let mut lines = aggregate_lines(&spec.groups);
            lines.push(format!("Sessions [{:?}]", spec.window));
            lines
        }
        Operator::Deduplicate(spec) => vec![format!("Deduplicate [keys {:?}, {:?}]", spec.keys, spec.lifetime)],
        Operator::GroupsWithState(spec) => vec![format!(
            "{} [keys {:?}, state {:?}, {:?}]",
            spec.api.name(),
            spec.keys,
            spec.variables.iter().map(|variable| &variable.name).collect::<Vec<_>>(),
            spec.time_mode
        )],
        Operator::Join(spec) => vec![format!(
            "Join {} [keys {:?} = {:?}, conditions {:?}]",
            spec.join_type.name(),
            spec.keys[0],
            spec.keys[1],
            spec.conditions
        )],
        Operator::Sort(keys) => vec![format!("Sort {keys:?}")],
        Operator::Limit { count, offset } => vec![format!("Limit [count {count:?}, offset {offset}]")],
        Operator::Sample { fraction, seed } => vec![format!("Sample [fraction {fraction}, seed {seed}]")],
    }
}

fn aggregate_lines(spec: &AggregateSpec) -> Vec<String> {
    let calls: Vec<String> = spec.calls.iter().map(|call| format!("{call:?}")).collect();
    let event_time = spec
        .event_time
        .as_ref()
        .map(|key| format!("{key:?}, "))
        .unwrap_or_default();
    vec![
        format!("Reduce [state by shard, output {:?}]", spec.output),
        format!("Map [keys {event_time}{:?}, functions {}]", spec.keys, calls.join(", ")),
    ]
}

fn source_line(plan: &ResolvedPlan, number: u32, extended: bool) -> String {
    let Some(source) = plan.sources.iter().find(|source| source.number == number) else {
        return format!("Read #{number}");
    };
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
    format!("Read {} [{}]{options}", source.format, columns.join(", "))
}

fn step_line(step: &Step) -> String {
    match step {
        Step::Project(exprs) => format!("Project {exprs:?}"),
        Step::Filter(condition) => format!("Filter {condition:?}"),
        Step::Watermark { node, column } => format!("EventTimeWatermark #{column} (node {node})"),
        Step::ExpandWindows { key, .. } => format!("Expand {key:?}"),
        Step::Generate { generator, .. } => format!("Generate {generator:?}"),
        Step::Expand(projections) => format!("Expand {projections:?}"),
        Step::Repeat(times) => format!("Repeat {times:?}"),
    }
}
